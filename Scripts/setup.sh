# SPDX-License-Identifier: Apache-2.0
# Sourced by the other scripts: where we are, which Debian packages the project needs, and how they are installed.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
ROOT=$PWD
CONFIGURATION=release
BUILD=$ROOT/.build/$CONFIGURATION

say() { printf '%s\n' "$*" >&2; }

# To build and to run the exchange.
BUILD_PACKAGES=(
    build-essential pkg-config git
    libasound2-dev libspandsp-dev libtiff-dev libopus-dev libspeexdsp-dev libsofia-sip-ua-dev libssl-dev
    libsndfile1-dev libspeex-dev libogg-dev libcurl4-openssl-dev libsqlite3-dev ca-certificates
    libjavascriptcoregtk-4.1-dev libpcre2-dev libtomlplusplus-dev
    espeak-ng
)
# To test it with other people's phones.
TEST_PACKAGES=(
    alsa-utils baresip-core coturn dnsmasq-base kamailio kamailio-tls-modules linphone-cli openssl sip-tester sox tshark
    libtonezone-dev node-typescript speex systemd
)
# For the virtual machine with real kernel drivers (Scripts/lab-vm).
LAB_PACKAGES=(qemu-system-x86 busybox-static cpio kmod procps systemd)

install_packages() {
    local missing=() package
    for package in "$@"; do
        dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null | grep -q '^ii' || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return
    if [ "$(id -u)" -ne 0 ]; then
        say "Missing Debian packages: ${missing[*]}"
        say "Install them (apt-get install ${missing[*]}) or run this script as root."
        exit 75
    fi
    say "Installing ${missing[*]}"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

need_swift() {
    command -v swift >/dev/null && return
    for folder in /opt/swift/usr/bin /usr/local/swift/usr/bin; do
        if [ -x "$folder/swift" ]; then
            PATH=$folder:$PATH
            return
        fi
    done
    say "Swift 6.3 was not found: install it from swift.org and put it on the PATH."
    exit 75
}
