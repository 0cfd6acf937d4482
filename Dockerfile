# One image for every Floodgate process. docker-compose.yml sets the command.
# Node does not strip types under node_modules, so the image keeps the layout of the workspace. Nothing is built.

FROM node:24-bookworm-slim AS workspace
RUN npm install --global pnpm@12.21.0
WORKDIR /floodgate
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml tsconfig.json ./
COPY apps ./apps
COPY packages ./packages
COPY patches ./patches
COPY prisma ./prisma
COPY docker ./docker

# The Prisma client is generated with development tools that are not in the final image.
FROM workspace AS client
RUN pnpm install --frozen-lockfile --filter @floodgate/database
RUN node packages/database/generate.mjs

FROM workspace AS production
RUN pnpm install --frozen-lockfile --prod --filter './apps/*' --filter './packages/*'
COPY --from=client /floodgate/packages/database/src/generated ./packages/database/src/generated

FROM node:24-bookworm-slim
ENV NODE_ENV=production
WORKDIR /floodgate
COPY --from=production /floodgate ./
# Node's compile cache of the sources, with types stripped. Without it every process would load the compiler (27 MB).
ENV NODE_COMPILE_CACHE=/floodgate/.cache/compiled
RUN for app in waiting-room order-core payment-worker notifier; do node apps/$app/src/main.ts --help > /dev/null; done \
  && chown -R node:node .cache
# The mount point of the secrets volume. A new volume takes its owner.
RUN mkdir /secrets && chown node:node /secrets
USER node
CMD ["node", "--version"]
