#!/bin/sh
# Takes out of an environment what nothing that runs needs: the libraries' own tests, headers, and sources in C.
set -eu
site=$(echo "$1"/lib/python3*/site-packages)
for library in dask distributed implicit lightgbm matplotlib numpy pandas polars pyarrow scipy sklearn; do
  if [ -d "$site/$library" ]; then
    find "$site/$library" -type d -name tests -prune -exec rm -rf {} +
  fi
done
find "$site" -type f \( -name '*.h' -o -name '*.hpp' -o -name '*.pyx' -o -name '*.pxd' -o -name '*.c' -o -name '*.cpp' \) -delete
rm -rf "$site/pyarrow/include"
