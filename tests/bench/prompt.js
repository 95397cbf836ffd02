// The least that a prompt in Node can be; the wizard's first frame is measured beside it.
const prompt = require("node:readline").createInterface({ input: process.stdin, output: process.stdout });
prompt.question("Install code: ", () => prompt.close());
