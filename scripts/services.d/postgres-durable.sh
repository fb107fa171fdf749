# shellcheck shell=bash
# PostgreSQL that keeps what it confirmed, for benchmarks: nothing that costs durability is switched off.

# shellcheck disable=SC2154 # parts_dir is set by scripts/services
# shellcheck source=scripts/services.d/postgres.sh
source "$parts_dir/postgres.sh"

variable=TODO_BENCH_POSTGRES
settings=(fsync=on full_page_writes=on synchronous_commit=on max_wal_size=4GB shared_buffers=512MB)
