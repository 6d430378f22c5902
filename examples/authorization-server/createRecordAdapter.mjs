/**
 * Where the authorization server keeps its records: one Map, gone with the process.
 *
 * oidc-provider's own in-memory adapter forgets the oldest of a thousand records, which a long test would mistake
 * for a lost session.
 */
export function createRecordAdapter() {
  const records = new Map();
  const identifierOfUid = new Map();
  const identifierOfUserCode = new Map();

  return class RecordAdapter {
    constructor(model) {
      this.model = model;
    }

    key(identifier) {
      return `${this.model}:${identifier}`;
    }

    async upsert(identifier, payload, lifetime) {
      const endsAt = lifetime ? Date.now() + lifetime * 1000 : Infinity;
      records.set(this.key(identifier), { payload: structuredClone(payload), endsAt });
      if (payload.uid) identifierOfUid.set(payload.uid, identifier);
      if (payload.userCode) identifierOfUserCode.set(payload.userCode, identifier);
    }

    async find(identifier) {
      const record = records.get(this.key(identifier));
      if (!record) return undefined;
      if (record.endsAt <= Date.now()) {
        records.delete(this.key(identifier));
        return undefined;
      }
      return structuredClone(record.payload);
    }

    async findByUid(uid) {
      return this.find(identifierOfUid.get(uid));
    }

    async findByUserCode(userCode) {
      return this.find(identifierOfUserCode.get(userCode));
    }

    async consume(identifier) {
      const record = records.get(this.key(identifier));
      if (record) record.payload.consumed = Math.floor(Date.now() / 1000);
    }

    async destroy(identifier) {
      records.delete(this.key(identifier));
    }

    async revokeByGrantId(grantId) {
      for (const [key, { payload }] of records) {
        if (payload.grantId === grantId) records.delete(key);
      }
    }
  };
}
