'use strict';

// Runs Azurite for standalone/, for exactly its lifetime:
//   * Ctrl-C and a signal to the whole process group are ignored: the host still flushes into the emulator then.
//   * The end of standard input ends Azurite gracefully (it writes its data). It comes when the host closes it, and
//     also when the host was killed, so that nothing is left behind.
//   * Azurite regularly deletes contents of messages and blobs that are gone. For each it sorts the index of all
//     contents again, and answers nobody for seconds after a burst. Here the index loses one entry.
// Arguments: azurite.js, a file that shows the next host that we are alive (or "-"), Azurite's own arguments.

const { EventEmitter } = require('node:events');
const { randomUUID } = require('node:crypto');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');

const [azurite, aliveFile, ...azuriteArguments] = process.argv.slice(2);
const ignoredSignals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'];
const secondsToClose = 10;

let closeAzurite = () => process.exit(0);
let closing = false;

function close() {
  if (closing) {
    return;
  }

  closing = true;
  setTimeout(() => process.exit(1), secondsToClose * 1000).unref();
  closeAzurite();
}

for (const signal of ignoredSignals) {
  process.on(signal, () => {});
}

// Azurite registers its orderly shutdown for SIGTERM: we keep it for ourselves.
process.once = (event, handler) => {
  if (event === 'SIGTERM') {
    closeAzurite = handler;
  } else if (!ignoredSignals.includes(event)) {
    EventEmitter.prototype.once.call(process, event, handler);
  }

  return process;
};

// Nobody reads our output once the host is dead. That must not prevent Azurite from writing its data.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});

process.stdin.on('end', close).on('close', close).on('error', close).resume();

if (aliveFile !== '-') {
  const token = randomUUID();
  const server = net.createServer((socket) => socket.on('error', () => {}).end(token));
  server.listen(0, '127.0.0.1', () => fs.writeFileSync(aliveFile, `${server.address().port} ${token}`));
  server.unref();
  process.on('exit', () => fs.rmSync(aliveFile, { force: true }));
}

const contents = require(path.join(path.dirname(azurite), 'common/persistence/LokiExtentMetadataStore')).default;
contents.prototype.deleteExtent = async function (id) {
  const all = this.db.getCollection(this.EXTENTS_COLLECTION);
  const one = all.findOne({ id });
  if (one) {
    all.remove(one);
  }
};

process.argv = [process.argv[0], azurite, ...azuriteArguments];
require(azurite);
