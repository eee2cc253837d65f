FROM node:24-slim
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev
COPY src src
COPY sql sql
ENV NODE_ENV=production
RUN mkdir /state && chown node /state
USER node
CMD ["node", "src/worker.ts"]
