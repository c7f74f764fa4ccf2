/* The headers of sofia-sip are seen by CSofia/*.c only: they force _GNU_SOURCE, which breaks the Glibc module. */
