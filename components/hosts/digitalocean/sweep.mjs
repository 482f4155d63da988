// Run when a stack is destroyed, after its droplets: deletes what else carries the stack's tag, see ../sweep.ts.
// Standard input of `node --input-type=module -`; TAG is in the environment, and so is what the plugin uses.
const api = process.env.DIGITALOCEAN_API_URL || "https://api.digitalocean.com";
const token = process.env.DIGITALOCEAN_TOKEN || process.env.DIGITALOCEAN_ACCESS_TOKEN;
const droplets = `${api}/v2/droplets?per_page=200&tag_name=${encodeURIComponent(process.env.TAG)}`;
const deadline = Date.now() + 300_000;

async function request(url, method = "GET") {
  const response = await fetch(url, { method, headers: { authorization: `Bearer ${token}` } });
  // Too many requests, or a bad moment of the cloud's: the loop comes again.
  if (response.status === 429 || response.status >= 500) return undefined;
  if (response.ok || response.status === 404) return response;
  throw new Error(
    `${method} ${url} was answered with ${response.status}: ${await response.text()}`,
  );
}

const told = new Set();
for (;;) {
  const answer = await request(droplets);
  const left = answer ? ((await answer.json()).droplets ?? []) : undefined;
  if (left?.length === 0) break;
  for (const { id, name } of left ?? []) {
    if (!told.has(id)) console.log(`deleting droplet ${name} (${id}), which Pulumi did not know`);
    told.add(id);
    await request(`${api}/v2/droplets/${id}`, "DELETE");
  }
  if (Date.now() > deadline) {
    throw new Error(
      `droplets with the tag ${process.env.TAG} are still there: ${[...told].join(", ")}`,
    );
  }
  await new Promise((resolve) => setTimeout(resolve, 1000));
}
