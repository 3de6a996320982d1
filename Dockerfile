# Two stages: build with the Rust toolchain, run with nothing but the binary, libc and certificates.
#
#   docker build -t rafid .
#   docker run -d -p 8080:8080 -v rafid-data:/data -v ./feeds.toml:/etc/rafid/feeds.toml:ro rafid

FROM rust:1.95-slim-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY Cargo.toml Cargo.lock clippy.toml feeds.toml ./
COPY crates crates
COPY src src
COPY templates templates
COPY benches benches
COPY tools tools
RUN cargo build --profile dist --locked --bin rafid && mkdir /empty

FROM gcr.io/distroless/cc-debian12
COPY --from=build /src/target/dist/rafid /usr/bin/rafid
COPY feeds.toml /etc/rafid/feeds.toml
# The folder belongs to the user that runs, so that a new volume does, too.
COPY --from=build --chown=65532:65532 /empty /data
VOLUME /data
EXPOSE 8080
USER 65532:65532
ENV RAFID_CONFIG=/etc/rafid/feeds.toml RAFID_DATA=/data RAFID_LISTEN=0.0.0.0:8080
ENV MALLOC_ARENA_MAX=2 MALLOC_TRIM_THRESHOLD_=131072
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["/usr/bin/rafid", "healthcheck"]
ENTRYPOINT ["/usr/bin/rafid"]
CMD ["run", "--log-format", "json"]
