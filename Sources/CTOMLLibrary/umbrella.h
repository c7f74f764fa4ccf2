/* toml++ is C++: CTOML/*.cpp alone includes it. */
