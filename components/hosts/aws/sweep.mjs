// Run when a stack is destroyed, after its instances: terminates what else carries the stack's tag, see ../sweep.ts.
// Standard input of `node --input-type=module -`; TAG and AWS_REGION are in the environment.

// What it says of Node's age is no news of this stack's.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";
const { EC2 } = await import("@aws-sdk/client-ec2");

// As patient as the plugin where requests are too many.
const ec2 = new EC2({ maxAttempts: 25 });
const deadline = Date.now() + 300_000;

const told = new Set();
for (;;) {
  const { Reservations = [] } = await ec2.describeInstances({
    Filters: [
      { Name: "tag:spark-swarm", Values: [process.env.TAG] },
      {
        Name: "instance-state-name",
        Values: ["pending", "running", "stopping", "stopped", "shutting-down"],
      },
    ],
  });
  const left = Reservations.flatMap(({ Instances = [] }) => Instances);
  if (left.length === 0) break;
  const ids = left.map(({ InstanceId }) => InstanceId).filter((id) => !told.has(id));
  if (ids.length > 0) {
    console.log(`terminating instances that Pulumi did not know: ${ids.join(", ")}`);
    await ec2.terminateInstances({ InstanceIds: ids });
    for (const id of ids) told.add(id);
  }
  if (Date.now() > deadline) {
    throw new Error(
      `instances with the tag spark-swarm=${process.env.TAG} are still there: ${[...told].join(", ")}`,
    );
  }
  await new Promise((resolve) => setTimeout(resolve, 1000));
}
