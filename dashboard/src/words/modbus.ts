// Words about Modbus buses: which units answer, and what their registers hold.

export const modbus = {
  what: {
    zh: '看看总线上有哪些站号应答，寄存器里是什么。只读，不写；和网关自己的轮询共用一条线，不会耽误报警。',
    en: 'Which units of a bus answer, and what their registers hold. It only reads, and shares the line with what the gateway asks anyway, so that no alarm waits.',
  },
  none: {
    zh: '配置文件里还没有总线：请加 [[modbus.buses]]。',
    en: 'The configuration has no bus yet: add [[modbus.buses]].',
  },
  bus: { zh: '总线', en: 'Bus' },
  units: { zh: '已配置的站', en: 'Units of the configuration' },
  no_units: { zh: '还没有', en: 'None yet' },
  unit: { zh: '站号 {unit}', en: 'Unit {unit}' },

  // Which answer
  scan: { zh: '扫描站号', en: 'Which units answer?' },
  from: { zh: '从', en: 'From' },
  to: { zh: '到', en: 'To' },
  wait: { zh: '每个最多等（毫秒）', en: 'Longest wait for each (ms)' },
  begin: { zh: '开始扫描', en: 'Ask them all' },
  stop: { zh: '停止', en: 'Stop' },
  going: {
    zh: '已问 {asked} / {count}，找到 {found} 个',
    en: 'asked {asked} of {count}, {found} found',
  },
  done: { zh: '问完了：{count} 个里有 {found} 个应答', en: 'All asked: {found} of {count} answer' },
  stopped: {
    zh: '已停止：问了 {asked} 个，找到 {found} 个',
    en: 'Stopped: {asked} asked, {found} found',
  },
  failed: { zh: '没有成功：{why}', en: 'It failed: {why}' },
  nobody: {
    zh: '没有站应答：看看 A、B 有没有接反，波特率和校验对不对，有没有供电；再把等待时间加到 1000 毫秒试试。',
    en: 'No unit answers: check that A and B are not swapped, baud rate and parity, the units’ power; and try 1000 ms.',
  },
  holds: { zh: '保持寄存器 0 = {word}', en: 'holding register 0 is {word}' },
  exception: { zh: '在线：异常 {code}', en: 'it is there: exception {code}' },
  garbled: {
    zh: '有应答但看不懂：两个相同的站号，或波特率不对？',
    en: 'something answers that can’t be understood: two units of one number, or another baud rate?',
  },
  took: { zh: '{ms} 毫秒', en: '{ms} ms' },
  read_it: { zh: '读它', en: 'Read it' },

  // What they hold
  read: { zh: '读寄存器', en: 'What its registers hold' },
  number: { zh: '站号', en: 'Unit' },
  as: { zh: '按什么读', en: 'Read as' },
  as_range: { zh: '一段寄存器，不解释', en: 'A range, without meaning' },
  table: { zh: '表', en: 'Table' },
  coil: { zh: '线圈（1）', en: 'Coils (1)' },
  discrete: { zh: '离散输入（2）', en: 'Discrete inputs (2)' },
  holding: { zh: '保持寄存器（3）', en: 'Holding registers (3)' },
  input: { zh: '输入寄存器（4）', en: 'Input registers (4)' },
  address: { zh: '起始地址（从 0 起）', en: 'First address (from 0)' },
  count: { zh: '几个', en: 'How many' },
  once: { zh: '读一次', en: 'Read once' },
  live: { zh: '一直读', en: 'Keep reading' },
  live_stop: { zh: '停止读', en: 'Stop reading' },
  at: { zh: '{time} 读到', en: 'read at {time}' },
  register: { zh: '寄存器', en: 'Register' },
  raw: { zh: '原始值', en: 'Raw' },
  value: { zh: '值', en: 'Value' },
  nothing: { zh: '什么也没读到', en: 'Nothing was read' },
};
