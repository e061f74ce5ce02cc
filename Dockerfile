# The binary for batch use: docker build -t gik . && docker run --rm -v "$PWD/out:/out" gik refs ...
FROM rust:1.95-trixie AS build
# HDF5 and netCDF-C are built from source.
RUN apt-get update && apt-get install --yes --no-install-recommends cmake
WORKDIR /src
COPY . .
RUN cargo build --release --locked --package gik-cli

FROM debian:trixie-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /src/target/release/gik /usr/local/bin/gik
# Not root: what it writes into a mounted folder belongs to this number.
USER 65532:65532
WORKDIR /tmp
ENTRYPOINT ["gik"]
