# A worker of clusters: odegrad with what it needs for them. compose.yaml starts it.
FROM node:22-slim AS build
WORKDIR /odegrad
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY . .
RUN npm run build && npm pack --ignore-scripts --pack-destination /packed

FROM node:22-slim
COPY --from=build /packed/*.tgz /tmp/
RUN npm install --global --ignore-scripts /tmp/*.tgz bullmq@6 ioredis@6 && rm /tmp/*.tgz
USER node
CMD ["odegrad", "worker"]
