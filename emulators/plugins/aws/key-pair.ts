import {
  type AwsType,
  accountOf,
  fixed,
  output,
  required,
  setEc2Tags,
  str,
  tagged,
  tagMap,
  tagSpecification,
  text,
} from "./resource";

export const KEY_PAIR: AwsType = {
  label: "EC2 Key Pair",
  fields: {
    arn: output(text),
    fingerprint: output(text),
    keyName: { ...fixed(text), autonamed: true },
    keyPairId: output(text),
    keyType: output(text),
    publicKey: required(fixed(text)),
    ...tagged,
  },
  create: async ({ ec2 }, inputs) => {
    const { KeyName } = await ec2.importKeyPair({
      KeyName: str(inputs.keyName),
      PublicKeyMaterial: Buffer.from(str(inputs.publicKey)),
      ...tagSpecification("key-pair", inputs),
    });
    return str(KeyName);
  },
  read: async ({ ec2, region }, id, state) => {
    const { KeyPairs: [pair] = [] } = await ec2.describeKeyPairs({ KeyNames: [id] });
    return (
      pair && {
        arn: `arn:aws:ec2:${region}:${await accountOf({ ec2 })}:key-pair/${id}`,
        fingerprint: pair.KeyFingerprint ?? "",
        keyName: id,
        keyPairId: pair.KeyPairId ?? "",
        keyType: pair.KeyType ?? "",
        publicKey: state.publicKey ?? "",
        ...tagMap(pair.Tags),
      }
    );
  },
  delete: async ({ ec2 }, KeyName) => {
    await ec2.deleteKeyPair({ KeyName });
  },
  // Its id is its name, but tags belong to another id.
  setTags: async (session, id, tags, before) => {
    const { KeyPairs: [pair] = [] } = await session.ec2.describeKeyPairs({ KeyNames: [id] });
    await setEc2Tags(session, pair?.KeyPairId ?? "", tags, before);
  },
};
