# shellcheck shell=bash
# Servers and the browser that the tests use. Sourced after common.sh.

# have PROGRAM: installed? Debian keeps servers in /usr/sbin, which a plain user's PATH lacks.
have() { PATH="$PATH:/usr/sbin:/usr/local/sbin" command -v "$1" >/dev/null 2>&1; }
have_chromium() { [[ -n "${CHROME_PATH:-}" ]] || have chromium || have chromium-browser || have google-chrome; }
have_chinese_font() { have fc-list && [[ -n "$(fc-list :lang=zh-cn family)" ]]; }

# missing_packages PACKAGE…: those of these Debian packages whose program is not here.
missing_packages() {
    local package
    for package in "$@"; do
        case "$package" in
            mariadb-server) have mariadbd || have mysqld || echo "$package" ;;
            chromium) have_chromium || echo "$package" ;;
            fonts-noto-cjk) have_chinese_font || echo "$package" ;;
            *) have "$package" || echo "$package" ;;
        esac
    done
}

# system_packages PACKAGE…: install what is missing, if that can be done without asking anybody.
# Answers 1 if something is still missing afterwards; what that means is the caller's to say.
system_packages() {
    local missing=() as_root=()
    mapfile -t missing < <(missing_packages "$@")
    if ((${#missing[@]} == 0)); then return 0; fi
    if ! have apt-get; then
        say "Missing, and there is no apt-get to install it with: ${missing[*]}"
        return 1
    fi
    if [[ "$(id -u)" != 0 ]]; then
        if ! sudo -n true 2>/dev/null; then
            say "Missing, and may not be installed without root: ${missing[*]} (apt-get install ${missing[*]})"
            return 1
        fi
        as_root=(sudo -n)
    fi
    say "Installing ${missing[*]}"
    quietly apt ${as_root[@]+"${as_root[@]}"} bash "$ROOT/scripts/lib/apt-install.sh" "${missing[@]}" || true
    mapfile -t missing < <(missing_packages "$@")
    if ((${#missing[@]})); then
        say "Still missing: ${missing[*]}"
        return 1
    fi
}
