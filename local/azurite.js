// Runs the storage emulator Azurite for as long as standard input stays open, and no longer: when the process that started it ends,
// however it ends, the pipe closes, Azurite writes its data and leaves. Started by Azurite.cs with Azurite's own options as arguments.
"use strict";

const fs = require("fs");
const path = require("path");

const least = 20;
if (parseInt(process.versions.node, 10) < least) {
  console.error(`node-too-old ${process.versions.node}`);
  process.exit(3);
}

// Ctrl-C in a terminal reaches the whole process group. The host has to finish with the storage first, and then closes the pipe.
process.on("SIGINT", () => {});
process.on("newListener", (event, listener) => {
  if (event === "SIGINT") {
    setImmediate(() => process.removeListener(event, listener));
  }
});

// Once the host is gone nobody reads these; without a listener a write would end us before the data is on disk.
process.stdout.on("error", () => {});
process.stderr.on("error", () => {});

function leave() {
  if (!process.emit("SIGTERM")) {
    process.exit(0);
  }
  setTimeout(() => process.exit(0), 15000).unref();
}
process.stdin.on("end", leave).on("error", leave).resume();

// Tells the next host that this folder's data is in use, and by whom.
const location = process.argv[process.argv.indexOf("--location") + 1];
const pidFile = path.join(location, "azurite.pid");
fs.writeFileSync(pidFile, `${process.pid} ${process.ppid}`);
process.on("exit", () => fs.rmSync(pidFile, { force: true }));

require("azurite/dist/src/azurite.js");
