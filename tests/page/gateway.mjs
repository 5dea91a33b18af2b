// A gateway that a test plays: it serves the built pages with the real one's headers, and answers the
// API as the test tells it to.

import { createHash } from 'node:crypto';
import { createReadStream, existsSync, statSync } from 'node:fs';
import http from 'node:http';
import { extname, join } from 'node:path';

const POLICY =
  "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'";
const KINDS = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json',
};

export const minutesAgo = (minutes) => new Date(Date.now() - minutes * 60_000).toISOString();
const PEOPLE = { wang: '王秀英', li: '李建国', chen: '陈师傅' };

const DANGERS = {
  trapped: {
    danger_name: { zh: '电梯困人', en: 'Person trapped in the lift' },
    place_name: {
      zh: '阳光花园 › 3 号楼 › 1 号电梯',
      en: 'Sunshine Garden › Building 3 › Lift 1',
    },
    what: { zh: '轿厢报警按钮', en: 'Alarm button in the car' },
  },
  fire: {
    danger_name: { zh: '火警', en: 'Fire' },
    place_name: {
      zh: '阳光花园 › 5 号楼 › 9 层',
      en: 'Sunshine Garden › Building 5 › 9th floor',
    },
    what: { zh: '烟感报警', en: 'Smoke detector' },
  },
};

/** An incident as `GET /api/v1/answer/{token}` shows it. */
export function incident(danger = 'trapped', over = {}) {
  return {
    id: 7,
    danger,
    ...DANGERS[danger],
    priority: 'critical',
    phase: 'calling',
    place: 'lift-1',
    opened_at: minutesAgo(4),
    now: new Date().toISOString(),
    flood: false,
    alarms: [],
    going: [],
    ended: null,
    muster: null,
    timeline: [
      {
        at: minutesAgo(4),
        happened: { what: 'opened' },
        by_name: null,
        through: 'gateway',
      },
      {
        at: minutesAgo(4),
        happened: {
          what: 'step_started',
          step: 0,
          round: 0,
          people: ['wang', 'li'],
        },
        by_name: null,
        through: 'gateway',
      },
    ],
    told: [told(1, 'wang', 'push', 'delivered'), told(2, 'li', 'mail', 'failed', 'mailbox full')],
    next_step_at: new Date(Date.now() + 30_000).toISOString(),
    next_prompt_at: null,
    prompts: 0,
    arrive_within: '15m',
    answerable: true,
    public_url_set: true,
    people: Object.entries(PEOPLE).map(([id, name]) => ({ id, name })),
    names: PEOPLE,
    ...over,
  };
}

function told(message, person, channel, status, reason = null) {
  const name = PEOPLE[person];
  const at = minutesAgo(4);
  return {
    message,
    person,
    name,
    channel,
    answerable: true,
    purpose: 'alert',
    status,
    at,
    reason,
  };
}

export const going = (person, arrived_at = null) => ({
  person,
  name: PEOPLE[person],
  since: minutesAgo(2),
  arrive_by: minutesAgo(-13),
  arrived_at,
});

function send(response, event, data) {
  response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}

const tagOf = (body) => `"${createHash('sha256').update(JSON.stringify(body) ?? '').digest('hex')}"`;

export class Gateway {
  /** What stands behind every link. */
  incident = incident();
  /** The requests that change something, in order: `[path, body]`. */
  asked = [];
  /** Answers are held back while this promise is not kept. */
  held = Promise.resolve();
  /** The gateway is off: requests get no answer. */
  off = false;
  /** What the cameras gave: the list, and the files by number. */
  pictures = { taken: [], cameras: 0, pending: false };
  pictureFiles = new Map();
  session = null;
  devices = [];
  /** What else the API answers, by path. */
  api = new Map();
  /** What it refuses, by path: `[status, body]`. */
  refusals = new Map();
  /** The whole building, for who follows it live. */
  live = null;
  #dist;
  #server;
  /** Open streams, and what tells each of them how it stands. */
  #streams = new Map();

  constructor(dist) {
    this.#dist = dist;
  }

  async start() {
    this.#server = http.createServer((request, response) => void this.#serve(request, response));
    await new Promise((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${this.#server.address().port}`;
  }

  async stop() {
    this.#hangUp();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** The incident changes, and whoever follows it is told. */
  change(over) {
    this.incident = { ...this.incident, ...over };
    for (const tell of this.#streams.values()) tell();
  }

  /** Something in the building changes. */
  changeLive(view) {
    for (const [response, tell] of this.#streams) if (tell.live) send(response, 'live', view);
  }

  turnOff() {
    this.off = true;
    this.#hangUp();
  }

  turnOn() {
    this.off = false;
  }

  #hangUp() {
    for (const stream of this.#streams.keys()) stream.destroy();
    this.#streams.clear();
  }

  #view() {
    return { ...this.incident, now: new Date().toISOString() };
  }

  async #serve(request, response) {
    const { pathname } = new URL(request.url, this.url);
    if (!pathname.startsWith('/api/')) return this.#file(pathname, response);
    if (this.off) return response.destroy();
    let text = '';
    for await (const piece of request) text += piece;
    if (request.method !== 'GET') {
      this.asked.push([pathname, text === '' ? null : JSON.parse(text)]);
      await this.held;
    }
    if (pathname.endsWith('/events')) return this.#follow(response, pathname);
    const picture = pathname.match(/\/pictures\/(\d+)$/);
    if (picture) return this.#picture(Number(picture[1]), response);
    // What is changed has the tag that it was read with, as at the real gateway.
    const wanted = request.headers['if-match'];
    const isChanged = wanted !== undefined && wanted !== tagOf(this.api.get(pathname));
    const [status, body] = isChanged
      ? [412, { error: 'changed', message: 'was changed by somebody else meanwhile' }]
      : this.#answer(request.method, pathname, text);
    const headers = {
      'content-type': 'application/json',
      'cache-control': 'no-store',
      ...(this.api.has(pathname) && { etag: tagOf(this.api.get(pathname)) }),
    };
    response.writeHead(status, headers).end(body === undefined ? '' : JSON.stringify(body));
  }

  #picture(number, response) {
    const file = this.pictureFiles.get(number);
    if (file === undefined) return response.writeHead(404).end();
    response.writeHead(200, {
      'content-type': 'image/jpeg',
      'cache-control': 'no-store',
      'content-security-policy': POLICY,
      'x-content-type-options': 'nosniff',
    });
    response.end(file);
  }

  #follow(response, path) {
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
    });
    if (path === '/api/v1/live/events') {
      const whole = () => send(response, 'live', this.live);
      whole.live = true;
      this.#streams.set(response, whole);
      response.on('close', () => this.#streams.delete(response));
      return whole();
    }
    const tell = () => {
      const [event, data] =
        path === '/api/v1/events'
          ? ['change', { version: Date.now() }]
          : ['incident', this.#view()];
      send(response, event, data);
    };
    this.#streams.set(response, tell);
    response.on('close', () => this.#streams.delete(response));
    tell();
  }

  #answer(method, path, text) {
    const link = path.match(/^\/api\/v1\/answer\/([^/]+)(?:\/(.+))?$/);
    if (link) return this.#byLink(link[1], link[2], text);
    if (path.startsWith('/api/v1/receipt/')) return [204];
    if (path === '/api/v1/session') return this.#sign(method, text);
    if (this.session === null) return [401, { error: 'not_signed_in', message: 'sign in first' }];
    if (this.refusals.has(path)) return this.refusals.get(path);
    if (path === '/api/v1/incidents') {
      return [200, this.incident.phase === 'ended' ? [] : [this.#view()]];
    }
    if (path === '/api/v1/incidents/7') return [200, this.#view()];
    if (path === '/api/v1/rosters') return [200, [{ id: 'night', name: '夜班', time_zone: 'UTC' }]];
    if (path === '/api/v1/rosters/night/on-call') {
      return [
        200,
        {
          at: minutesAgo(0),
          people: [{ id: 'wang', name: PEOPLE.wang }],
          why: [],
          until: null,
        },
      ];
    }
    if (path === '/api/v1/live' && this.live) return [200, this.live];
    if (path === '/api/v1/walk-tests' && !this.api.has(path)) return [200, []];
    if (this.api.has(path)) return [200, this.api.get(path)];
    if (path === '/api/v1/devices') return [200, this.devices];
    return [403, { error: 'forbidden', message: 'not for this role' }];
  }

  #byLink(token, act, text) {
    if (token === 'expired') return [410, { error: 'expired', message: 'this link has lapsed' }];
    if (token !== 'good') return [401, { error: 'bad_link', message: 'this link is not valid' }];
    const me = { id: 'wang', name: PEOPLE.wang, language: 'zh' };
    const body = text === '' ? {} : JSON.parse(text);
    switch (act) {
      case 'pictures':
        return [200, this.pictures];
      case 'acknowledge':
        this.change({
          phase: 'going',
          going: [going('wang')],
          next_step_at: null,
        });
        break;
      case 'arrive':
        this.change({ phase: 'there', going: [going('wang', minutesAgo(0))] });
        break;
      case 'hand-over':
        this.change({ phase: 'calling', going: [] });
        break;
      case 'end': {
        const { cause, note } = body;
        this.change({
          phase: 'ended',
          ended: { at: minutesAgo(0), cause, note, by_name: me.name },
        });
        break;
      }
      default:
        return [200, { me, expires_at: minutesAgo(-600), incident: this.#view() }];
    }
    return [200, this.#view()];
  }

  #sign(method, text) {
    if (method === 'DELETE') {
      this.session = null;
      return [204];
    }
    if (method === 'POST') {
      const { person, password } = JSON.parse(text);
      if (password !== 'a very good password') {
        return [
          401,
          {
            error: 'bad_credentials',
            message: 'the name or the password is wrong',
          },
        ];
      }
      this.session = {
        person,
        name: PEOPLE[person],
        roles: ['volunteer'],
        language: 'zh',
      };
    }
    return this.session
      ? [200, this.session]
      : [401, { error: 'unauthorized', message: 'sign in' }];
  }

  #file(path, response) {
    let file = join(this.#dist, path);
    if (!existsSync(file) || statSync(file).isDirectory()) file = join(this.#dist, 'index.html');
    response.writeHead(200, {
      'content-type': KINDS[extname(file)] ?? 'application/octet-stream',
      'content-security-policy': POLICY,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    });
    createReadStream(file).pipe(response);
  }
}
