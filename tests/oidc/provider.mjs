// An identity provider for the tests: oidc-provider, with one client and one person who is always signed in. Tests say
// who that is, and what is wrong with the tokens, at /test/set. Ends with its standard input.

import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { decodeJwt, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { Provider } from 'oidc-provider';

const told = { redirects: [], sub: 'ada', claims: {}, foreignKey: false };

const ours = await generateKeyPair('RS256', { extractable: true });
const foreign = await generateKeyPair('RS256', { extractable: true });
const key = { ...(await exportJWK(ours.privateKey)), kid: 'first', alg: 'RS256', use: 'sig' };

class Store {
  static #all = new Map();

  constructor(kind) {
    this.kind = kind;
  }

  key(id) {
    return `${this.kind} ${id}`;
  }

  async upsert(id, payload) {
    Store.#all.set(this.key(id), payload);
  }

  async find(id) {
    if (this.kind === 'Client' && id === 'carehub') {
      return { client_id: id, client_secret: 'a secret of the tests', redirect_uris: told.redirects };
    }
    return Store.#all.get(this.key(id));
  }

  async findByUid(uid) {
    return [...Store.#all].find(([key, payload]) => key.startsWith(`${this.kind} `) && payload.uid === uid)?.[1];
  }

  async consume(id) {
    Store.#all.get(this.key(id)).consumed = Math.floor(Date.now() / 1000);
  }

  async destroy(id) {
    Store.#all.delete(this.key(id));
  }

  async revokeByGrantId(grantId) {
    for (const [key, payload] of Store.#all) if (payload.grantId === grantId) Store.#all.delete(key);
  }
}

const server = createServer();
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  adapter: Store,
  jwks: { keys: [key] },
  cookies: { keys: ['signs the cookies of the tests'] },
  pkce: { required: () => true },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (context, { uid }) => `/test/interaction/${uid}` },
  claims: { openid: ['sub', 'email', 'email_verified'] },
  conformIdTokenClaims: false,
  findAccount: (context, sub) => ({
    accountId: sub,
    claims: () => ({ sub, email: 'ada@example.org', email_verified: true }),
  }),
  async loadExistingGrant({ oidc }) {
    const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
    grant.addOIDCScope('openid');
    await grant.save();
    return grant;
  },
});

provider.use(async (context, next) => {
  await next();
  const wrong = Object.keys(told.claims).length > 0 || told.foreignKey;
  if (!wrong || !context.body?.id_token) return;
  const claims = { ...decodeJwt(context.body.id_token), ...told.claims };
  const signer = (told.foreignKey ? foreign : ours).privateKey;
  context.body.id_token = await new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'first' }).sign(signer);
});

const answer = provider.callback();
server.on('request', async (request, response) => {
  if (request.url === '/test/set') {
    Object.assign(told, { claims: {}, foreignKey: false }, await json(request));
    response.end();
  } else if (request.url.startsWith('/test/interaction/')) {
    await provider.interactionFinished(request, response, { login: { accountId: told.sub } });
  } else {
    answer(request, response);
  }
});

process.stdin.resume().on('end', () => process.exit());
console.log(issuer);
