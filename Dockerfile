# One image for every process; the command says which. Node runs the TypeScript by itself, types stripped.
#   docker build -t live-feed .
#   docker run live-feed apps/ingress/src/main.ts
ARG NODE_IMAGE=node:24.22.3-bookworm-slim

FROM ${NODE_IMAGE} AS manifests
WORKDIR /app
COPY package.json package-lock.json ./
COPY apps/admin/package.json apps/admin/
COPY apps/console/package.json apps/console/
COPY apps/demo-seed/package.json apps/demo-seed/
COPY apps/dialer-simulator/package.json apps/dialer-simulator/
COPY apps/ingress/package.json apps/ingress/
COPY apps/migrate/package.json apps/migrate/
COPY apps/worker/package.json apps/worker/
COPY packages/core/package.json packages/core/
COPY packages/database/package.json packages/database/
COPY packages/dialers/package.json packages/dialers/
COPY packages/operations/package.json packages/operations/
COPY packages/outbound/package.json packages/outbound/
COPY packages/queue/package.json packages/queue/
COPY packages/runtime/package.json packages/runtime/
COPY bench/package.json bench/
COPY tools/package.json tools/
COPY tests/package.json tests/

# With the development tools: writes the Prisma client.
FROM manifests AS generated
RUN npm ci --ignore-scripts
COPY prisma.config.ts ./
COPY prisma prisma
COPY tools/src/clone.ts tools/src/generate-prisma.ts tools/src/
RUN npm run generate

# Without them, and without the developers' folders and what only those need, such as an embedded PostgreSQL.
FROM manifests AS dependencies
RUN npm ci --ignore-scripts --omit=dev \
      --workspace=apps/admin \
      --workspace=apps/console \
      --workspace=apps/demo-seed \
      --workspace=apps/dialer-simulator \
      --workspace=apps/ingress \
      --workspace=apps/migrate \
      --workspace=apps/worker \
 && rm -r bench tests tools

FROM ${NODE_IMAGE}
ENV NODE_ENV=production \
    NODE_OPTIONS="--disable-warning=ExperimentalWarning --max-semi-space-size=64"
WORKDIR /app
COPY --from=dependencies /app ./
COPY apps apps
COPY packages packages
COPY prisma prisma
COPY --from=generated /app/packages/database/src/generated packages/database/src/generated
# Nothing in the image belongs to the user that runs it.
USER node
ENTRYPOINT ["node"]
CMD ["apps/ingress/src/main.ts"]
