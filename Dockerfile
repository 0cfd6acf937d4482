# One image for every Floodgate process. docker-compose.yml and the Helm chart set the command (docs/deploy/containers.md).
# Node does not strip types under node_modules, so the image keeps the layout of the workspace. Nothing is built.

# The version is the one of pnpm-workspace.yaml; the digest fixes its bytes. Dependabot proposes newer ones.
FROM node:24.21.0-bookworm-slim@sha256:d6aa754f16b3197301076f047b5def2f02ea1dbbc2ca920407d46d7ec7f87b20 AS base

FROM base AS workspace
RUN npm install --global pnpm@12.21.0
WORKDIR /floodgate
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml tsconfig.json ./
COPY apps ./apps
COPY packages ./packages
COPY patches ./patches
COPY prisma ./prisma
COPY docker ./docker

# The Prisma client is generated with development tools, which are removed before the layer is written.
FROM workspace AS client
RUN pnpm install --frozen-lockfile --ignore-scripts --filter @floodgate/database && node packages/database/generate.mjs && rm -rf node_modules packages/*/node_modules

FROM workspace AS production
RUN pnpm install --frozen-lockfile --prod --filter-prod '{./apps/*}...' --filter-prod '{./packages/*}' --filter-prod '!@floodgate/local-servers' --filter-prod '!@floodgate/testkit' && node docker/prune.mjs node_modules
COPY --from=client /floodgate/packages/database/src/generated ./packages/database/src/generated
# Node's compile cache of the sources, with types stripped. Without it every process would load the compiler (27 MB).
# The name of its directory has the user's id, so the user of the image creates it.
ENV NODE_COMPILE_CACHE=/floodgate/.cache/compiled
RUN mkdir .cache && chown node:node .cache
USER node
RUN for app in waiting-room order-core payment-worker notifier; do node apps/$app/src/main.ts --help > /dev/null; done
USER root
RUN chown -R root:root .cache

FROM base AS root
COPY docker/collect-root.sh /
WORKDIR /root-of-image
RUN sh /collect-root.sh

FROM scratch
COPY --from=root /root-of-image /
WORKDIR /floodgate
COPY --from=production /floodgate ./
ENV NODE_ENV=production NODE_COMPILE_CACHE=/floodgate/.cache/compiled PATH=/usr/local/bin \
    NODE_OPTIONS=--import=/floodgate/docker/default-signals.mjs
LABEL org.opencontainers.image.title="Floodgate" \
      org.opencontainers.image.description="A waiting room and an order core for flash sales" \
      org.opencontainers.image.licenses="MIT"
# `node`, as a number: Kubernetes can tell that it is not root.
USER 1000:1000
STOPSIGNAL SIGTERM
# Of an app: /readyz of OPS_PORT, or of PORT where there is no operations port.
HEALTHCHECK --interval=5s --timeout=3s --start-period=10s --retries=3 CMD ["node", "docker/healthy.mjs"]
CMD ["node", "--version"]
