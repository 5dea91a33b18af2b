// Words of the signed-in pages.

export const home = {
  // Signing in
  sign_in: { zh: '登录', en: 'Sign in' },
  sign_in_again: {
    zh: '登录已经结束。请重新登录：页面上写了一半的都还在。',
    en: 'You were signed out. Sign in again: what you had begun to write is still there.',
  },
  sign_in_what: { zh: '小区安全值守', en: 'The watch over your building' },
  person: { zh: '用户名', en: 'User name' },
  password: { zh: '密码', en: 'Password' },
  sign_in_wrong: { zh: '用户名或密码不对。', en: 'The user name or the password is wrong.' },
  forgot: {
    zh: '忘了密码？请管理员发一个新的邀请链接。',
    en: 'Forgot the password? Ask the administrator for a new invitation link.',
  },
  sign_out: { zh: '退出登录', en: 'Sign out' },
  signed_in_as: { zh: '{name}，您好', en: 'Hello, {name}' },

  // Invitation
  welcome: { zh: '欢迎，{name}', en: 'Welcome, {name}' },
  choose_password: { zh: '请设一个密码', en: 'Choose a password' },
  password_rule: {
    zh: '至少 {count} 个字符，越长越好。',
    en: 'At least {count} characters; longer is better.',
  },
  password_again: { zh: '再输一次', en: 'Once more' },
  password_short: { zh: '密码太短了。', en: 'The password is too short.' },
  password_differs: { zh: '两次输入的不一样。', en: 'The two are not the same.' },
  password_set: { zh: '设好密码并登录', en: 'Set it and sign in' },
  your_user_name: { zh: '您的用户名是 {person}', en: 'Your user name is {person}' },
  invitation_over: {
    zh: '这个邀请已经用过或过期了',
    en: 'This invitation was used or has expired',
  },
  invitation_over_what: {
    zh: '请管理员再发一个。已经设过密码的，请直接登录。',
    en: 'Ask the administrator for another. If you have set a password, sign in.',
  },

  // Incidents
  incidents: { zh: '现在的警报', en: 'Open incidents' },
  no_incidents: { zh: '现在没有警报', en: 'Nothing is going on' },
  no_incidents_but: {
    zh: '没有警报，但有 {count} 个设备听不到，不能说一切正常。',
    en: 'No alarm, but {count} devices are not heard: that is not the same as all well.',
  },
  incidents_unknown: { zh: '不知道有没有警报', en: 'Whether something is going on is not known' },
  stand_calling: { zh: '正在找人', en: 'Looking for somebody' },
  stand_going: { zh: '{names} 路上', en: '{names} going' },
  stand_there: { zh: '{names} 到场', en: '{names} there' },

  // On call
  on_call: { zh: '现在谁值班', en: 'On call now' },
  nobody_on_call: { zh: '没有人值班', en: 'Nobody is on call' },
  no_rosters: { zh: '还没有排班', en: 'No roster has been made yet' },
  until: { zh: '到 {time}', en: 'until {time}' },
  you_on_call: { zh: '您在值班', en: 'You are on call' },
  you_until: { zh: '您在值班，到 {time}', en: 'You are on call until {time}' },
  then: { zh: '{time} 起：{names}', en: 'from {time}: {names}' },
  then_nobody: { zh: '{time} 起没有人值班！', en: 'from {time}: nobody!' },
  your_next: { zh: '您下一次值班', en: 'Your next shift' },

  // Devices
  devices: { zh: '设备', en: 'Devices' },
  no_devices: { zh: '还没有设备', en: 'No devices yet' },
  not_for_you: {
    zh: '您的账号还不能看警报。请找管理员。',
    en: 'Your account may not see incidents yet. Ask the administrator.',
  },
  all_heard: { zh: '{count} 个设备，都正常', en: '{count} devices, all normal' },
  some_not: { zh: '{bad} 个要注意，共 {count} 个', en: '{bad} of {count} need attention' },
  show_all: { zh: '显示全部 {count} 个', en: 'Show all {count}' },
  device_normal: { zh: '正常', en: 'Normal' },
  device_alarm: { zh: '报警', en: 'Alarm' },
  device_lost: { zh: '失联', en: 'Not heard' },
  device_unknown: { zh: '还没听到', en: 'Not heard yet' },
  device_unsupervised: { zh: '不监护', en: 'Not supervised' },
  device_out: { zh: '停用', en: 'Out of service' },
  heard: { zh: '{time} 听到', en: 'heard {time}' },
  lost_since: { zh: '从 {time} 起', en: 'since {time}' },
  out_until: { zh: '到 {time}：{reason}', en: 'until {time}: {reason}' },
  points: { zh: '测点', en: 'Points' },
  no_points: { zh: '没有测点', en: 'No points' },
  yes: { zh: '是', en: 'yes' },
  no: { zh: '否', en: 'no' },
  no_data_not_yet: { zh: '还没有数据', en: 'no data yet' },
  no_data_silent: { zh: '没有数据：太久没听到', en: 'no data: silent for too long' },
  no_data_offline: { zh: '没有数据：已离线', en: 'no data: offline' },
  no_data_timeout: { zh: '没有数据：不回答', en: 'no data: does not answer' },
  no_data_refused: { zh: '没有数据：设备拒绝', en: 'no data: refused by the device' },
  no_data_garbled: { zh: '没有数据：读不懂', en: 'no data: not understood' },
  no_data_faulty: { zh: '没有数据：设备报故障', en: 'no data: marked faulty by the device' },

  to_rosters: { zh: '值班表（日历）', en: 'Rosters as a calendar' },
  to_overview: { zh: '维护页面', en: 'Pages for upkeep' },

  // Health
  health: { zh: '系统', en: 'The system' },
  part_engine: { zh: '警报处理', en: 'Handling of alarms' },
  part_journal: { zh: '记录', en: 'Records' },
  part_broker: { zh: '设备接入（MQTT）', en: 'Reception of devices (MQTT)' },
  part_ok: { zh: '正常', en: 'works' },
  part_bad: { zh: '有问题', en: 'fails' },
  running_since: {
    zh: '{time} 起运行，版本 {version}',
    en: 'running since {time}, version {version}',
  },
  messages_due: { zh: '{count} 条通知在等着发出', en: '{count} messages waiting to be sent' },
  channels: { zh: '通知的路', en: 'Ways of telling people' },
  one_way: { zh: '只能发，不能回答', en: 'one-way: can’t be answered' },
  proven: { zh: '{time} 通过', en: 'worked {time}' },
  never_proven: { zh: '还没发成功过', en: 'has never worked yet' },
  reaches: { zh: '通知 {count} 人', en: 'reaches {count}' },
  no_channels: { zh: '没有设置通知方式：没有人会被叫到', en: 'None is set up: nobody can be told' },

  // Swaps of shifts
  swaps: { zh: '换班', en: 'Swaps' },
  swap: { zh: '换班', en: 'Swap' },
  swap_this: { zh: '换班：您下一次值班（{roster}）', en: 'Swap your next shift: {roster}' },
  swap_is_asked: { zh: '已经问了，等回答', en: 'Asked; waiting for an answer' },
  swap_whom: { zh: '请谁代这个班？', en: 'Who should do this shift?' },
  swap_whoever: { zh: '谁有空都行', en: 'Whoever can' },
  swap_whoever_what: { zh: '问值班表里所有人', en: 'Everybody of the roster is asked' },
  swap_ask: { zh: '问', en: 'Ask' },
  swap_asked: { zh: '{name}想请您代这个班', en: '{name} asks you to do this shift' },
  swap_mine: { zh: '您想请人代这个班', en: 'You ask somebody to do this shift' },
  swap_against: { zh: '换：{time}', en: 'in return for {time}' },
  swap_accept: { zh: '接受', en: 'Accept' },
  swap_decline: { zh: '谢绝', en: 'Decline' },
  swap_withdraw: { zh: '取消', en: 'Withdraw' },
  swap_declined: { zh: '您已谢绝', en: 'You declined' },

  // Push
  push_title: { zh: '让这部手机响起来', en: 'Let this phone alert you' },
  push_what: {
    zh: '有警报时，通知会直接送到这部手机。',
    en: 'When something happens, a notification comes to this phone.',
  },
  push_turn_on: { zh: '打开通知', en: 'Turn notifications on' },
  push_on: { zh: '这部手机会收到通知', en: 'This phone gets notifications' },
  push_denied: {
    zh: '浏览器不允许通知。请在手机的设置里，给这个网站打开通知。',
    en: 'The browser forbids notifications. Allow them for this site in the phone’s settings.',
  },
  push_unsupported: {
    zh: '这个浏览器收不到通知。',
    en: 'This browser can’t receive notifications.',
  },
  push_install_first: {
    zh: '苹果手机：请先用「分享 → 添加到主屏幕」，再从主屏幕打开。',
    en: 'On an iPhone: first “Share → Add to Home Screen”, then open it from there.',
  },
  push_no_tls: {
    zh: '要用 https 打开这个页面，才能收到通知。',
    en: 'Notifications need this page to be opened by https.',
  },
  push_not_set_up: { zh: '网关没有设置手机推送。', en: 'The gateway has no push channel set up.' },
  push_failed: { zh: '没有打开。请再试一次。', en: 'That did not work. Please try again.' },
  certificate: { zh: '在手机上安装证书', en: 'Install the certificate on a phone' },

  // All of it
  section_failed: {
    zh: '这一部分没有读到，正在重试。',
    en: 'This part could not be read; trying again.',
  },
};
