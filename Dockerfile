# The same steps as `make build`, in an image that travels. Build it with
#
#   docker build --tag consultant .
#   docker run --rm --interactive --tty --volume models:/models consultant model fetch
#   docker run --volume data:/data --volume models:/models \
#     --volume "$PWD:/etc/consultant:ro" --env CONSULTANT__TELEGRAM__TOKEN consultant
#
# For a GPU name images that hold the toolkit (the first with Rust as well) and the features:
#   docker build --build-arg FEATURES=cuda --build-arg BUILD_IMAGE=… --build-arg RUN_IMAGE=… .
ARG BUILD_IMAGE=rust:1.95-bookworm
ARG RUN_IMAGE=debian:bookworm-slim

FROM ${BUILD_IMAGE} AS build
ARG FEATURES=""
WORKDIR /src
# The list of packages is the one that `make deps` installs from.
COPY .ci/deps.sh .ci/deps.sh
RUN apt-get update \
    && apt-get install --yes --no-install-recommends $(.ci/deps.sh --list) \
    && rm -rf /var/lib/apt/lists/*
COPY . .
# RUSTFLAGS replaces the flags of .cargo/config.toml, which are for the machine that builds.
# x86-64-v3 is every x86 server since about 2015 and has AVX2, which candle's kernels choose when
# they are compiled.
ENV CARGO_TARGET_DIR=/cache/target
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/cache/target \
    case "$(dpkg --print-architecture)" in \
        amd64) cpu=x86-64-v3 ;; \
        *) cpu=generic ;; \
    esac \
    && export RUSTFLAGS="-C target-cpu=$cpu" \
    && cargo build --release --locked ${FEATURES:+--features "$FEATURES"} \
    && install -D /cache/target/release/consultant /out/consultant

FROM ${RUN_IMAGE} AS run
# pip fetches the default model (`consultant model fetch`); leave /models filled and it never runs.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates libssl3 python3-pip \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --user-group --no-create-home consultant \
    && install --directory --owner=consultant --group=consultant /data /models
COPY --from=build /out/consultant /usr/local/bin/consultant
ENV CONSULTANT__DATA_DIR=/data \
    CONSULTANT__MODELS_DIR=/models \
    PIP_NO_CACHE_DIR=1
# Configuration is looked for here, laid out as in a clone: config/*.yaml and scripts.
WORKDIR /etc/consultant
VOLUME ["/data", "/models"]
USER 10001
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 \
    CMD ["consultant", "health"]
# Finish the turn in hand, deliver or keep, then exit.
STOPSIGNAL SIGTERM
ENTRYPOINT ["consultant"]
CMD ["serve"]
