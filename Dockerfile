# The server in one image, whatever its ROLE. The compiler stays in the first stage; at run time nothing is installed,
# built or downloaded. tests/system/container_test.ts runs every instruction of this file, so a new one must be known there.

FROM oven/bun:1.4.5-slim AS builder

# libnode-dev has Node's headers, which gyp would otherwise download while it builds.
RUN apt-get update \
 && apt-get install -y --no-install-recommends python3 make g++ libnode-dev \
 && apt-get clean \
 && rm -rf /var/lib/apt/lists/*

WORKDIR /app

# Only what the packages and the recogniser are made from: a change of the server's own code builds neither again.
COPY package.json bun.lock ./
COPY scripts/setup.ts scripts/lock.ts scripts/build_recogniser.ts scripts/
COPY src/adapters/ai/whisper_ready.ts src/adapters/ai/ggml_blocks.ts src/adapters/ai/

# The oldest processor on which the image recognises speech. x86-64-v3 has AVX2: Intel from Haswell (2013), AMD from Zen
# (2017). On an older one everything but recognition works: the recogniser's process ends at once, and recordings wait for
# the teacher. For such a machine, and for ARM: docker build --build-arg RECOGNISER_CPU=baseline (five to nine times slower).
ARG RECOGNISER_CPU=x86-64-v3

# A start without recognition is allowed, an image without it is not. TypeScript comes along as an optional peer of a
# package, and the recogniser's source is of no more use. What listens to pronunciation brings 250 MB for other platforms.
RUN bun scripts/setup.ts --production \
 && test -f node_modules/smart-whisper/build/Release/smart-whisper.node \
 && rm -rf node_modules/typescript node_modules/@typescript node_modules/smart-whisper/whisper.cpp \
 && find node_modules/onnxruntime-node/bin/napi-v6 -mindepth 2 -maxdepth 2 ! -path "*/linux/$(bun -p process.arch)" \
      -exec rm -rf {} + \
 && test -f node_modules/onnxruntime-node/bin/napi-v6/linux/$(bun -p process.arch)/onnxruntime_binding.node

# LLM_PROVIDER=local's package, fifty megabytes, only where it is wanted: docker build --build-arg LOCAL_MODEL=1
ARG LOCAL_MODEL=0
COPY optional optional/
COPY scripts/local_model.ts scripts/
COPY src/adapters/ai/local_ready.ts src/adapters/ai/gguf.ts src/adapters/ai/
RUN if [ "$LOCAL_MODEL" = 1 ]; then bun scripts/local_model.ts; fi

# .dockerignore says what this is. Whatever umask it was cloned with, the server's user can read it and not change it.
COPY . /source/
RUN chmod -R u=rwX,go=rX /source


FROM oven/bun:1.4.5-slim

LABEL org.opencontainers.image.title="Oʻquv platformasi" \
      org.opencontainers.image.licenses="MIT"

# ffmpeg decodes sound here and shows no picture: what draws in 3D is 200 MB that it never opens.
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates ffmpeg \
 && rm -f /usr/lib/*/libLLVM*.so* /usr/lib/*/libgallium*.so* /usr/lib/*/libz3.so* \
 && ffmpeg -hide_banner -version \
 && apt-get clean \
 && rm -rf /var/lib/apt/lists/*

# A number of its own that is on no machine by chance, for the owner of the volumes. The recogniser's package makes a folder
# in its user's home when it is loaded, which fails where the image is read only and it is not there already.
RUN groupadd --gid 10001 school \
 && useradd --uid 10001 --gid school --no-create-home --home-dir /home/school --shell /usr/sbin/nologin school \
 && install -d /home/school/.smart-whisper/models \
 && install -d -o school -g school -m 0700 /data /data/data /data/uploads

WORKDIR /app
COPY --from=builder /app/node_modules node_modules/
COPY --from=builder /source ./
COPY --from=builder /app/optional optional/

# Bun would write what it has translated to a home folder that cannot be written.
ENV NODE_ENV=production \
    HOME=/home/school \
    DATA_DIR=/data/data \
    UPLOAD_DIR=/data/uploads \
    BUN_RUNTIME_TRANSPILER_CACHE_PATH=0

USER 10001:10001
VOLUME ["/data"]
EXPOSE 8004
STOPSIGNAL SIGTERM

# Alive, not ready: a database that is away is no reason to kill the server, which waits for it.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["bun", "-e", "process.exit((await fetch(`http://127.0.0.1:${process.env.PORT || 8004}/health`)).ok ? 0 : 1)"]

# Bun itself is the first process and gets SIGTERM: no shell and no package script in between. All that it starts are its
# own children, which it waits for.
ENTRYPOINT []
CMD ["bun", "src/main.ts"]
