// Words about boards: what runs on them, and making a new one ready.

export const boards = {
  what: {
    zh: '每块板子装在哪里、听不听得到、运行什么程序。',
    en: 'Every board: where it hangs, whether it is heard, what runs on it.',
  },
  none: { zh: '还没有板子。', en: 'There are no boards yet.' },
  add: { zh: '添加一块板子', en: 'Add a board' },
  no_such: { zh: '没有这块板子', en: 'There is no such board' },
  all: { zh: '所有板子', en: 'All boards' },
  its_device: { zh: '数值和报警', en: 'Its values and alarms' },

  // How it is
  board: { zh: '板子', en: 'Board' },
  state: { zh: '状态', en: 'State' },
  heard: { zh: '听得到', en: 'heard' },
  not_heard: { zh: '{time} 起听不到', en: 'not heard since {time}' },
  said_nothing: { zh: '网关启动以来还没来过', en: 'has not come since the gateway started' },
  firmware: { zh: '程序', en: 'Firmware' },
  hardware: { zh: '型号', en: 'Kind' },
  health: { zh: '健康', en: 'Health' },
  started: { zh: '上次启动', en: 'Last start' },
  started_why: { zh: '{time}，第 {boot} 次，{why}', en: '{time}, number {boot}, {why}' },
  reset_power: { zh: '通电', en: 'power came' },
  reset_watchdog: { zh: '看门狗', en: 'the watchdog' },
  reset_panic: { zh: '程序出错', en: 'a crash' },
  reset_brown: { zh: '电压过低', en: 'its supply was low' },
  reset_update: { zh: '程序更新', en: 'an update' },
  reset_request: { zh: '收到命令', en: 'it was told to' },
  well: { zh: '一切正常', en: 'all well' },
  safe: { zh: '安全模式：只报危险', en: 'in safe mode: tells of danger alone' },
  crashes: { zh: '连续出错 {count} 次', en: '{count} crashes in a row' },
  dropped: { zh: '放弃了 {count} 条事件', en: '{count} events given up' },
  dips: { zh: '电源跌落 {count} 次', en: '{count} dips of its supply' },
  flash: {
    zh: '闪存写不进去：断电会丢事件',
    en: 'its flash refuses to be written: a power cut may lose events',
  },
  garbled: {
    zh: '网关的消息有 {count} 条看不懂：固件可能太旧',
    en: "{count} of the gateway's messages not understood: its firmware may be too old",
  },
  panic: { zh: '出错前说：{said}', en: 'said before its last crash: {said}' },
  refused: { zh: '不接受配置：{why}', en: 'refuses its configuration: {why}' },
  old_configuration: { zh: '还没用上新的配置', en: 'does not run by its new configuration yet' },
  temperature: { zh: '板上 {degrees} °C', en: '{degrees} °C on the board' },
  blink: { zh: '让它闪灯', en: 'Have it blink' },
  blinking: { zh: '正在闪灯，30 秒', en: 'It blinks for 30 s' },

  // A new one
  name_zh: { zh: '中文名称', en: 'Its name in Chinese' },
  name_en: { zh: '英文名称', en: 'Its name in English' },
  id: { zh: '编号（程序用）', en: 'Its name for programs' },
  place: { zh: '装在哪里', en: 'Where it hangs' },
  loop: {
    zh: '接了监控回路，或测量电源和电池（多一路输入）',
    en: 'It has the loop, or measures supply and battery (one more input)',
  },
  inputs: { zh: '每路输入接什么', en: 'What is at each input' },
  inputs_what: {
    zh: '火警触点请用常闭：断线也会报警。',
    en: 'Fire contacts should be normally closed: a cut wire is an alarm then.',
  },
  input: { zh: '输入 {number}', en: 'Input {number}' },
  input_zh: { zh: '叫什么（中文）', en: 'What it is called (Chinese)' },
  input_en: { zh: '叫什么（英文）', en: 'What it is called (English)' },
  closed: { zh: '常闭（断开就是有事）', en: 'Normally closed (opens to tell)' },
  open: { zh: '常开（闭合就是有事）', en: 'Normally open (closes to tell)' },
  unused: { zh: '不接', en: 'Nothing' },
  role_call: { zh: '轿厢呼叫按钮', en: 'Call button in the car' },
  role_fire: { zh: '烟感、温感、火警触点', en: 'Smoke, heat or fire contact' },
  role_gas: { zh: '燃气探测器', en: 'Gas detector' },
  role_water: { zh: '水浸探测器', en: 'Water detector' },
  role_gate: { zh: '门或道闸', en: 'Gate or door' },
  role_lift_fault: { zh: '电梯故障触点', en: "Lift controller's fault contact" },
  role_mains: { zh: '市电继电器', en: 'Mains relay' },
  role_tamper: { zh: '箱盖（防拆）', en: 'Lid (tamper)' },
  role_contact: { zh: '其他，只显示', en: 'Anything else: only shown' },
  save: { zh: '添加', en: 'Add it' },
  added: { zh: '已添加：{name}', en: 'Added: {name}' },
  credential: { zh: '它的密码，只显示这一次', en: 'Its password, shown this once' },
  credential_what: {
    zh: '只有别的程序的板子才要手工填：用户名和客户端编号都是 {id}。上面的程序文件里会有一个新的密码，这个就作废了。',
    en: 'Only a board with other firmware is told it by hand; its user name and client id are {id}. The file above gets a new password, and this one is worth nothing then.',
  },
  to_board: { zh: '打开这块板子的页面', en: "Open the board's page" },

  // Its file
  file: { zh: '板子的程序文件', en: "The board's file" },
  file_what: {
    zh: '一个文件，里面有程序、这块板子的身份、密码和网关地址。文件里有密码，用完请删除。',
    en: 'One file with the firmware, who the board is, its password, and where the gateway is. It holds the password: delete it afterwards.',
  },
  kind: { zh: '哪种板子', en: 'Kind of board' },
  broker: { zh: 'MQTT 服务的地址', en: "The broker's address" },
  broker_what: {
    zh: '板子从这里找网关，写成 主机:端口；可以写三个，用空格隔开。端口是带 TLS 的那个时，网关的密钥会自动写进文件，板子只认这个网关。',
    en: 'Where the board finds the gateway, as host:port; up to three, with blanks between. With the port that has TLS, the key of this gateway goes into the file by itself, and the board speaks to nobody else.',
  },
  no_image: {
    zh: '网关上没有这种板子的程序。请把它放到网关的 {wanted}（也可以是 .uf2 或 .bin）。',
    en: 'The gateway has no firmware for this kind. Put it onto the gateway as {wanted} (.uf2 and .bin will do).',
  },
  no_updates: {
    zh: '网关没有更新用的公钥（[updates]），这块板子以后不能通过网络更新程序。',
    en: 'The gateway has no public key of updates ([updates]): this board will take none over the network.',
  },
  renew: {
    zh: '每次生成都是新密码。正在用旧密码的板子会断开，直到换上新文件。',
    en: 'Each file has a new password. A board that has the old one is cut off until it gets the new file.',
  },
  renew_yes: { zh: '知道了，换新密码', en: 'I know; give it a new password' },
  download: { zh: '下载文件', en: 'Download the file' },
  write: { zh: '写到板子的盘（{drive}）', en: "Write it to the board's drive ({drive})" },
  write_usb: { zh: '用 USB 直接写入', en: 'Write it over USB' },
  write_usb_what: {
    zh: '用 USB 写入前：按住板子上的 BOOTSEL，插上 USB，再松开。手机也可以。',
    en: 'For USB: hold BOOTSEL on the board while you plug it in, then let go. A phone will do.',
  },
  making: { zh: '正在生成…', en: 'Making it…' },
  writing: {
    zh: '正在写入，请不要拔掉：{percent}%',
    en: 'Writing, leave it plugged in: {percent} %',
  },
  downloaded: {
    zh: '已下载。按住 BOOTSEL 插上 USB，把文件拖到出现的 {drive} 盘里。',
    en: 'Downloaded. Hold BOOTSEL while you plug the board in by USB, and drop the file onto the drive {drive}.',
  },
  written: { zh: '已写入。板子会自己重启。', en: 'Written. The board starts by itself.' },
  drive_gone: {
    zh: '写到一半盘不见了：多半是板子写完后自己重启了。看它来不来；不来就改用下载。',
    en: 'The drive went away: most likely the board had all of it and started. See whether it comes; if not, download the file instead.',
  },
  usb_denied: {
    zh: '电脑不让浏览器用这块板子：关掉别的正在用它的程序或网页；在 Linux 上要先加一条 udev 规则（见安装手册）。也可以改用下载。',
    en: 'This computer does not let the browser use the board: close other programs and pages that do; Linux wants a udev rule first (see the installer’s guide). Or download the file instead.',
  },
  usb_strange: {
    zh: '这块板子的回答看不懂：拔掉，按住 BOOTSEL 再插一次。',
    en: 'The board answers in a way that is not known: unplug it, and plug it in again with BOOTSEL held.',
  },
  usb_gone: {
    zh: '写到一半板子不见了：按住 BOOTSEL 再插上，再写一次。',
    en: 'The board went away in the middle: plug it in with BOOTSEL held, and write it again.',
  },
  usb_silent: {
    zh: '板子 10 秒没有回答：拔掉，按住 BOOTSEL 再插上，再写一次。',
    en: 'The board has not answered for 10 s: unplug it, plug it in with BOOTSEL held, and write it again.',
  },
  usb_refused: {
    zh: '板子拒绝写入（代码 {code}）：拔掉，按住 BOOTSEL 再插上，再写一次；还不行就改用下载。',
    en: 'The board refuses to be written (number {code}): unplug it, plug it in with BOOTSEL held, and write it again; if that fails too, download the file.',
  },
  usb_differs: {
    zh: '写进去的和读出来的不一样：再写一次；还不行，这块板子的闪存坏了。',
    en: 'What it holds is not what was written: write it again; if that fails too, its flash is broken.',
  },
  usb_other_file: {
    zh: '网关给的文件不是给这种板子的。',
    en: 'The file that the gateway made is not for this kind of board.',
  },
  waiting: { zh: '等它上线…', en: 'Waiting for it to come…' },
  here: { zh: '它来了，运行 {firmware}。', en: 'It is here, and runs {firmware}.' },
  in_file: {
    zh: '这块板子写在配置文件里，密码也在那里：请用 gengfu board new --password-file。',
    en: 'This board stands in the configuration file, with its password: use gengfu board new --password-file.',
  },

  // Its wiring
  wiring: { zh: '接线图', en: 'Wiring' },
  wiring_alt: {
    zh: '{name} 的接线图：每个端子接什么，下面的表里有同样的内容。',
    en: 'Wiring of {name}: what goes to each terminal; the table below says the same.',
  },
  wiring_none: { zh: '这种板子还没有接线图。', en: 'There is no wiring picture of this kind yet.' },
  wiring_full: { zh: '单独打开，可打印', en: 'Open it by itself, to print' },
  contact: { zh: '触点', en: 'Contact' },
};
