# Three stages: what the project depends on, the program, and an image with nothing but the binary, libc and
# certificates. The first is built again only when a Cargo.toml or Cargo.lock changes.
#
#   docker build --tag rafid .
#   mkdir config && cp feeds.toml config/
#   docker run -d --name rafid -p 127.0.0.1:8080:8080 -v rafid-data:/data -v ./config:/etc/rafid:ro rafid
#
# The configuration is mounted as a folder: of a single file the container would keep the one that an editor replaces.
# User 65532 runs it and must be able to read that folder. compose.yaml does the same, with fewer rights.

FROM rust:1.95-slim-bookworm AS dependencies
RUN apt-get update \
    && apt-get install -y --no-install-recommends gcc libc6-dev make \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY Cargo.toml Cargo.lock ./
COPY .cargo/config.toml .cargo/
COPY crates/rafid-feed/Cargo.toml crates/rafid-feed/
COPY tools/story-eval/Cargo.toml tools/story-eval/
# Empty programs in the places of ours.
RUN mkdir -p src benches crates/rafid-feed/src tools/story-eval/src \
    && touch src/lib.rs crates/rafid-feed/src/lib.rs \
    && echo 'fn main() {}' | tee src/main.rs > tools/story-eval/src/main.rs \
    && for name in $(sed -n '/^\[\[bench\]\]/{n;s/^name = "\(.*\)"/\1/p}' Cargo.toml); do touch "benches/$name.rs"; done \
    && cargo build --profile dist --locked --bin rafid

FROM dependencies AS build
COPY . .
# Newer than the empty ones, whatever the times in the context are.
RUN touch src/lib.rs src/main.rs crates/rafid-feed/src/lib.rs \
    && cargo build --profile dist --locked --bin rafid \
    && mkdir /empty

FROM gcr.io/distroless/cc-debian12:nonroot
LABEL org.opencontainers.image.title="Rafid" \
      org.opencontainers.image.description="Turns many Arabic news feeds into one feed worth subscribing to" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0"
COPY --from=build /src/target/dist/rafid /usr/bin/rafid
COPY feeds.toml feeds.schema.json /etc/rafid/
# The folder belongs to the user that runs, so that a new volume does, too.
COPY --from=build --chown=65532:65532 /empty /data
VOLUME /data
EXPOSE 8080
USER 65532:65532
ENV RAFID_CONFIG=/etc/rafid/feeds.toml RAFID_DATA=/data RAFID_LISTEN=0.0.0.0:8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["/usr/bin/rafid", "healthcheck"]
ENTRYPOINT ["/usr/bin/rafid"]
CMD ["run", "--log-format", "json"]
