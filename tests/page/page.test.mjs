// The volunteer's page and the signed-in pages, in a real browser against a gateway that each story
// plays by itself.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { still, stopsOf, widthOf } from './browser.mjs';
import { going, incident, minutesAgo } from './gateway.mjs';
import { browser, gateway, open, playGateway, unlock } from './played.mjs';

playGateway();

/** A promise and the word that keeps it. */
function promise() {
  let keep;
  const kept = new Promise((resolve) => (keep = resolve));
  return { kept, keep };
}

describe('the pictures of the cameras', () => {
  const taken = (number, when) => ({
    number,
    camera: 'hall',
    name: { zh: '大堂摄像头', en: 'Camera in the hall' },
    taken_at: minutesAgo(when === 'before' ? 4.1 : 4),
    when,
  });

  it('come while the page is open, are enlarged at a tap, and one that is broken says so', async () => {
    gateway.pictures = { taken: [taken(1, 'before')], cameras: 1, pending: true };
    gateway.pictureFiles.set(1, await still(browser, 'before'));
    const { page } = await open('/a/good', { language: 'en-GB' });
    await page.getByTestId('pictures-coming').waitFor();
    const before = page.getByTestId('picture-before').getByRole('img');
    await before.waitFor();
    assert.match(await before.getAttribute('alt'), /Camera in the hall at .*, before it began/);
    gateway.pictureFiles.set(2, await still(browser, 'after'));
    gateway.pictures = {
      taken: [taken(1, 'before'), taken(2, 'after'), taken(3, 'after')],
      cameras: 1,
      pending: false,
    };
    await page.getByText("This picture can't be opened.").waitFor();
    await page.getByTestId('picture-after').tap();
    const large = page.getByTestId('picture').getByRole('img');
    await large.waitFor();
    const width = await large.evaluate((img) => img.decode().then(() => img.naturalWidth));
    assert.equal(width, 640);
    await page.getByTestId('picture-close').tap();
    await page.getByTestId('picture').waitFor({ state: 'detached' });
    await page.getByTestId('do-acknowledge').tap();
    await page.getByTestId('do-arrive').waitFor();
  });

  it('are not missed where there is no camera, and are where it gave none', async () => {
    const { page } = await open('/a/good');
    await page.getByTestId('timeline').waitFor();
    assert.equal(await page.getByTestId('pictures').count(), 0);
    gateway.pictures = { taken: [], cameras: 2, pending: false };
    await page.reload();
    await page.getByTestId('pictures-none').getByText('摄像头没有给出画面').waitFor();
  });
});

describe("the volunteer's page", () => {
  it('says what and where in the language of the phone, and in the other one at a tap', async () => {
    const { page } = await open('/a/good');
    await page.getByRole('heading', { name: '电梯困人' }).waitFor();
    assert.match(await page.getByTestId('place').innerText(), /3 号楼 › 1 号电梯/);
    assert.match(await page.getByTestId('elapsed').innerText(), /^4:0\d$/);
    assert.equal(await page.locator('html').getAttribute('lang'), 'zh-Hans');
    await page.getByTestId('language-switch').tap();
    await page.getByRole('heading', { name: 'Person trapped in the lift' }).waitFor();
    await page.reload();
    await page.getByRole('button', { name: "I'm going", exact: true }).waitFor();

    const english = await open('/a/good', { language: 'en-GB' });
    await english.page.getByRole('heading', { name: 'Person trapped in the lift' }).waitFor();
  });

  it('shows at once that a press was felt, and success only after the gateway confirmed it', async () => {
    const { kept, keep } = promise();
    gateway.held = kept;
    const { page } = await open('/a/good');
    const go = page.getByTestId('do-acknowledge');
    await go.tap();
    await page.locator('[data-testid=do-acknowledge][aria-busy=true]').waitFor();
    assert.match(await go.innerText(), /正在发送/);
    // Pressed again by an impatient thumb.
    await go.tap({ force: true });
    assert.equal(await page.getByTestId('standing').getAttribute('data-phase'), 'calling');
    assert.equal(await page.getByTestId('confirmed').innerText(), '');
    keep();
    await page.locator('[data-phase=going]').waitFor();
    assert.match(await page.getByTestId('confirmed').innerText(), /收到/);
    assert.match(await page.getByTestId('phase').innerText(), /您正在赶去现场/);
    assert.deepEqual(gateway.asked, [['/api/v1/answer/good/acknowledge', {}]], 'sent once');
    await page.getByTestId('do-arrive').tap();
    await page.locator('[data-phase=there]').waitFor();
  });

  it('shows live who else is going, and who was told with what result', async () => {
    const { page } = await open('/a/good');
    await page.locator('[data-phase=calling]').waitFor();
    const told = page.getByTestId('who-was-told');
    assert.match(
      await told.innerText(),
      /王秀英[\s\S]*已送到手机[\s\S]*李建国[\s\S]*没送到[\s\S]*mailbox full/,
    );
    gateway.change({ phase: 'going', going: [going('li')] });
    await page.getByText('李建国 正在赶去').waitFor();
    assert.match(await page.getByTestId('who-is-going').innerText(), /李建国/);
    await page.getByRole('button', { name: '我也去' }).waitFor();
  });

  it('asks twice before it ends an alarm, and is calm afterwards', async () => {
    gateway.incident = incident('trapped', {
      phase: 'there',
      going: [going('wang', minutesAgo(1))],
    });
    const { page } = await open('/a/good');
    await page.getByRole('button', { name: '人已救出' }).tap();
    await page.getByTestId('cause-rescued').tap();
    await page.getByTestId('end-next').tap();
    await page.getByRole('heading', { name: '真的结束了吗？' }).waitFor();
    assert.deepEqual(gateway.asked, [], 'nothing was sent yet');
    await page.getByTestId('note').fill('两位老人，都好');
    await page.getByTestId('end-yes').tap();
    await page.getByTestId('ended').waitFor();
    assert.match(
      await page.getByTestId('ended').innerText(),
      /人已救出[\s\S]*两位老人，都好[\s\S]*谢谢您/,
    );
    assert.equal(await page.getByTestId('dock').count(), 0);
    const body = { cause: 'rescued', note: '两位老人，都好' };
    assert.deepEqual(gateway.asked, [['/api/v1/answer/good/end', body]]);
    const kept = await page.evaluate(() => localStorage.getItem('gengfu.last'));
    assert.equal(kept, null, 'names are not kept on the phone after the end');
  });

  it('hands over to whoever is next, or to a person who is chosen', async () => {
    const { page } = await open('/a/good');
    await page.getByRole('button', { name: '我去不了' }).tap();
    const sheet = page.getByRole('dialog', { name: '转交给谁？' });
    assert.equal(await sheet.getByText('王秀英').count(), 0, 'not to oneself');
    await sheet.getByTestId('hand-over-now').tap();
    await sheet.waitFor({ state: 'detached' });
    await page.getByTestId('do-hand-over').tap();
    await sheet.getByText('陈师傅').tap();
    await sheet.getByTestId('hand-over-now').tap();
    await sheet.waitFor({ state: 'detached' });
    const path = '/api/v1/answer/good/hand-over';
    assert.deepEqual(gateway.asked, [
      [path, {}],
      [path, { to: 'chen' }],
    ]);
  });

  it('tells of a fire to call 119 before anything else', async () => {
    gateway.incident = incident('fire', { prompts: 1 });
    const { page } = await open('/a/good', { language: 'en-GB' });
    const first = page.getByTestId('call-119');
    assert.match(await first.innerText(), /^Call 119 first/);
    assert.equal(await first.getByRole('link').getAttribute('href'), 'tel:119');
    await page.getByTestId('nobody-answered').waitFor();
    const above = await first.boundingBox();
    const below = await page.getByTestId('standing').boundingBox();
    assert.ok(above.y < below.y, 'it stands above everything else');
  });

  it('counts a trapped passenger against 30 minutes, with a mark at 15', async () => {
    for (const [minutes, pressing] of [
      [14, 'calm'],
      [16, 'half'],
      [31, 'over'],
    ]) {
      gateway.incident = incident('trapped', {
        opened_at: minutesAgo(minutes),
      });
      const { page } = await open('/a/good');
      await page.locator(`[data-testid=target][data-pressing=${pressing}]`).waitFor();
    }
  });

  it('speaks plainly of a link that has expired or is broken', async () => {
    const late = await open('/a/expired');
    await late.page.getByText('这个链接已经过期').waitFor();
    assert.equal(
      await late.page.getByRole('link', { name: '拨打 119' }).getAttribute('href'),
      'tel:119',
    );
    const broken = await open('/a/cut-off', { language: 'en' });
    await broken.page.getByText("This link doesn't work").waitFor();
    await broken.page.getByRole('link', { name: 'Sign in' }).waitFor();
  });
});

describe('out of touch', () => {
  it('says so, does not pretend that a press arrived, and says when it is back', async () => {
    const { page } = await open('/a/good');
    await page.locator('[data-phase=calling]').waitFor();
    gateway.turnOff();
    await page.getByTestId('out-of-touch').waitFor();
    await page.getByTestId('do-acknowledge').tap();
    await page.getByTestId('trouble').waitFor();
    assert.match(await page.getByTestId('trouble').innerText(), /没有发出去/);
    assert.equal(await page.getByTestId('standing').getAttribute('data-phase'), 'calling');
    gateway.turnOn();
    await page.getByTestId('out-of-touch').waitFor({ state: 'detached' });
    await page.getByTestId('do-acknowledge').tap();
    await page.locator('[data-phase=going]').waitFor();
    gateway.change({ phase: 'there', going: [going('wang', minutesAgo(0))] });
    await page.locator('[data-phase=there]').waitFor();
  });

  it('opens a page that was shown before, and says how old it is', async () => {
    const { page, context } = await open('/a/good');
    await page.locator('[data-phase=calling]').waitFor();
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => true));
    await context.setOffline(true);
    await page.reload();
    await page.getByTestId('out-of-touch').waitFor();
    assert.match(await page.getByTestId('danger').innerText(), /电梯困人/);
    await context.setOffline(false);
    await page.getByTestId('out-of-touch').waitFor({ state: 'detached' });
  });
});

describe('a part of the page that does not come', () => {
  it('is said to be missing, comes at a tap, and takes nothing that is needed in order to go', async () => {
    gateway.incident = incident('trapped', { card: [{ zh: '先打电话', en: 'Call first' }] });
    const { page } = await unlock({ language: 'en-GB' });
    const late = (url) => url.pathname.startsWith('/assets/Timeline-');
    await page.route(late, (route) => route.abort());
    await page.goto(`${gateway.url}/a/good`);
    await page.getByTestId('first').getByText('Call first').waitFor();
    const missing = page.getByTestId('late');
    await missing.getByText('What happened').waitFor();
    await page.unroute(late);
    await missing.getByRole('button').tap();
    await page.getByTestId('timeline').waitFor();
    assert.equal(await missing.count(), 0);
  });
});

describe('a pushed message', () => {
  it('is shown, stays, and is reported as arrived', async () => {
    const { page, context } = await open('/a/good');
    await context.grantPermissions(['notifications'], { origin: gateway.url });
    await page.evaluate(async () => {
      const { active } = await navigator.serviceWorker.ready;
      while (active.state !== 'activated') await new Promise((resume) => setTimeout(resume, 20));
    });
    const tools = await context.newCDPSession(page);
    const registration = new Promise((resolve) => {
      tools.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
        const mine = registrations.find((one) => one.scopeURL === `${gateway.url}/`);
        if (mine) resolve(mine.registrationId);
      });
    });
    await tools.send('ServiceWorker.enable');
    const message = {
      v: 1,
      title: '电梯困人',
      body: '3 号楼 1 号电梯',
      lang: 'zh-CN',
      tag: 'incident-7',
      link: `${gateway.url}/a/good`,
      receipt: `${gateway.url}/api/v1/receipt/m1`,
      loud: true,
    };
    const registrationId = await registration;
    const notification = () =>
      page.evaluate(async () => {
        const ready = await navigator.serviceWorker.ready;
        const deadline = Date.now() + 5_000;
        while (Date.now() < deadline) {
          const [one] = await ready.getNotifications();
          if (one)
            return {
              title: one.title,
              body: one.body,
              stays: one.requireInteraction,
              to: one.data.link,
            };
          // Not by frames: a page that is behind another has none.
          await new Promise((resume) => setTimeout(resume, 20));
        }
        return null;
      });
    // Chromium's tools lose one now and then on a busy machine, and do not say so; a push service would
    // repeat what was not taken.
    let shown = null;
    for (let tries = 0; tries < 4 && !shown; tries += 1) {
      await tools.send('ServiceWorker.deliverPushMessage', {
        origin: gateway.url,
        registrationId,
        data: JSON.stringify(message),
      });
      shown = await notification();
    }
    assert.deepEqual(shown, {
      title: '电梯困人',
      body: '3 号楼 1 号电梯',
      stays: true,
      to: `${gateway.url}/a/good`,
    });
    const deadline = Date.now() + 10_000;
    while (gateway.asked.length === 0 && Date.now() < deadline) {
      await new Promise((resume) => setTimeout(resume, 20));
    }
    // Each time it was delivered: what was only late, not lost, came twice.
    const asked = new Set(gateway.asked.map((one) => JSON.stringify(one)));
    assert.deepEqual([...asked], [JSON.stringify(['/api/v1/receipt/m1', null])]);
  });
});

describe('for everybody', () => {
  /** The smallest letters that are on the page, in px. */
  const smallest = (page) =>
    page.evaluate(() => {
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      let least = Infinity;
      while (walker.nextNode()) {
        const parent = walker.currentNode.parentElement;
        if (!walker.currentNode.data.trim() || !parent.checkVisibility()) continue;
        least = Math.min(least, parseFloat(getComputedStyle(parent).fontSize));
      }
      return least;
    });

  for (const [language, dark] of [
    ['zh-CN', false],
    ['en-GB', true],
  ]) {
    it(`is large and in reach of the thumb on a small phone (${language})`, async () => {
      const { page } = await open('/a/good', { language, dark });
      const main = page.getByTestId('do-acknowledge');
      await main.waitFor();
      assert.ok((await smallest(page)) >= 18);
      const width = await widthOf(page);
      assert.ok(width <= 360, `nothing lies outside to the right (${width})`);
      const box = await main.boundingBox();
      assert.ok(box.height >= 64 && box.width >= 300, 'as large as a thumb');
      assert.ok(box.y > 370 && box.y + box.height < 740, 'in the lower half, without scrolling');
    });
  }

  it('can be done by keyboard alone', async () => {
    const { page } = await open('/a/good');
    const button = page.getByTestId('do-hand-over');
    await button.focus();
    await page.keyboard.press('Enter');
    const sheet = page.getByRole('dialog');
    await sheet.waitFor();
    // Of the choices the chosen one alone, and arrows lead to the others.
    const stops = await stopsOf(page, 'hand-over');
    assert.equal(stops.length, 3, stops.join(', '));
    await page.getByRole('radio').first().focus();
    await page.keyboard.press('ArrowDown');
    assert.equal(await page.getByRole('radio').nth(1).isChecked(), true);
    await page.keyboard.press('Escape');
    await sheet.waitFor({ state: 'detached' });
    await page.waitForFunction(() => document.activeElement?.dataset.testid === 'do-hand-over');
  });
});

describe('signed in', () => {
  const device = (id, over) => ({
    id,
    name: { zh: id, en: id },
    place: 'lift-1',
    place_name: { zh: '3 号楼', en: 'Building 3' },
    profile: 'board',
    added: false,
    presence: { state: 'present' },
    heard_at: minutesAgo(0),
    supervision: '90s',
    out_of_service: null,
    alarms: [],
    ...over,
  });

  it('leads from the password to the list, to the incident and back out', async () => {
    const { page } = await open('/');
    await page.getByLabel('用户名').fill('wang');
    await page.getByLabel('密码').fill('a guess');
    await page.getByRole('button', { name: '登录' }).tap();
    await page.getByText('用户名或密码不对。').waitFor();
    await page.getByLabel('密码').fill('a very good password');
    await page.getByRole('button', { name: '登录' }).tap();
    await page.getByTestId('home').waitFor();
    await page.getByTestId('on-call').getByText('王秀英').waitFor();
    assert.match(await page.getByTestId('on-call').innerText(), /夜班[\s\S]*王秀英/);
    await page.getByTestId('incident-7').tap();
    await page.waitForURL('**/incidents/7');
    await page.getByTestId('do-acknowledge').waitFor();
    const kept = () =>
      page.evaluate(() => ['gengfu.last', 'gengfu.home'].filter((key) => localStorage.getItem(key)));
    await page.getByTestId('to-list').tap();
    await page.getByTestId('home').waitFor();
    assert.deepEqual(await kept(), ['gengfu.last', 'gengfu.home']);
    await page.getByTestId('sign-out').tap();
    await page.getByTestId('sign-in').waitFor();
    assert.deepEqual(await kept(), [], 'who signs out leaves nobody on the phone');
  });

  const wang = { person: 'wang', name: '王秀英', roles: ['volunteer'], language: 'zh' };
  const signInAgain = async (page) => {
    const over = page.getByTestId('sign-in-again');
    await over.waitFor();
    assert.equal(await over.getByLabel('用户名').inputValue(), 'wang');
    await over.getByLabel('密码').fill('a very good password');
    await over.getByRole('button', { name: '登录' }).tap();
    await over.waitFor({ state: 'detached' });
  };

  it('signs in again over the page where the session ends, and nothing that was typed is lost', async () => {
    gateway.session = wang;
    const output = {
      id: 'hall-lamp',
      name: { zh: '电梯厅灯', en: 'Lamp in the hall' },
      kind: 'lamp',
      device: 'lift-1',
      device_name: { zh: '1 号电梯', en: 'Lift 1' },
      place: 'lift-1',
      place_name: { zh: '3 号楼', en: 'Building 3' },
      value: false,
      no_data: null,
      barred: null,
      hold: '10m',
      most: '1h',
      orders: [],
    };
    gateway.api.set('/api/v1/outputs', { outputs: [output], signals: [] });
    const { page } = await open('/outputs');
    // Something that is only read waits for it, and says nothing of rights.
    await page.getByTestId('output-hall-lamp').waitFor();
    gateway.session = null;
    gateway.change({});
    await signInAgain(page);
    await page.getByTestId('output-hall-lamp').waitFor();
    // What is to be done is not done behind anybody's back, and what was typed is still there.
    await page.getByTestId('on-hall-lamp').tap();
    await page.getByTestId('reason').fill('有人困在里面');
    gateway.session = null;
    await page.getByTestId('switch-now').tap();
    await signInAgain(page);
    assert.equal(await page.getByTestId('reason').inputValue(), '有人困在里面');
    await page.getByText('没有保存。请重新登录').waitFor();
    const words = await page.locator('body').innerText();
    assert.doesNotMatch(words, /您没有权限|sign in first|链接/);
  });

  it('has the first page, the outputs and every other page without the gateway, once they were opened', async () => {
    gateway.session = wang;
    const { page, context } = await open('/');
    await page.getByTestId('on-call').getByText('王秀英').waitFor();
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => true));
    await context.setOffline(true);
    await page.reload();
    await page.getByTestId('out-of-touch').waitFor();
    await page.getByTestId('on-call').getByText('王秀英').waitFor();
    for (const path of ['/outputs', '/ways', '/musters/new', '/m/abc', '/sign-in']) {
      await page.goto(gateway.url + path);
      await page.locator('main, .bar').first().waitFor();
    }
    await context.setOffline(false);
  });

  it('never shows a device that is not heard as normal, nor calls that quiet', async () => {
    gateway.session = {
      person: 'wang',
      name: '王秀英',
      roles: ['admin'],
      language: 'zh',
    };
    gateway.incident = incident('trapped', { phase: 'ended' });
    gateway.devices = [
      device('heard'),
      device('lost', {
        presence: { state: 'lost', since: minutesAgo(5), reason: 'silent' },
      }),
      device('unknown', { heard_at: null }),
    ];
    const { page } = await open('/');
    await page.getByTestId('quiet-but').waitFor();
    assert.equal(await page.getByTestId('quiet').count(), 0);
    const state = (id) => page.getByTestId(`device-${id}`).getAttribute('data-state');
    assert.deepEqual(
      [await state('heard'), await state('lost'), await state('unknown')],
      ['normal', 'lost', 'unknown'],
    );
    assert.match(await page.getByTestId('device-lost').innerText(), /失联/);
  });
});
