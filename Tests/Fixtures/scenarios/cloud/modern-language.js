// The language of ES2022.
class Base {
    static count = 0;
    static { Base.count = 1; }
    #secret = 42n;
    get secret() { return this.#secret; }
    static is(value) { return #secret in value; }
}
const log = [];
log.push(Base.count, Base.is(new Base()), new Base().secret === 42n);
log.push([1, 2, 3].at(-1), Object.hasOwn({ a: 1 }, 'a'), 'a-b-c'.replaceAll('-', '+'));
log.push(/(?<year>\d{4})/d.exec('in 2026').indices.groups.year.join());
let value = null;
value ??= 'set';
value &&= value + '!';
value ||= 'never';
log.push(value, 1_000_000, globalThis === this);
label: for (const [index, { a = 5, ...rest }] of [{ b: 1 }, { a: 2 }].entries()) {
    if (index === 1) break label;
    log.push(a, Object.keys(rest).join());
}
async function* numbers() { yield* [1, 2]; }
const sum = async () => {
    let total = 0;
    for await (const number of numbers()) total += number;
    return total;
};
VoxEngine.addEventListener(AppEvents.CallAlerting, async ({ call: { reject, ...others }, call }) => {
    const results = await Promise.allSettled([sum(), Promise.any([Promise.reject(1), Promise.resolve('any')]), Promise.reject(new Error('no', { cause: 'why' }))]);
    log.push(...results.map(({ value: good, reason }) => good ?? reason.cause));
    log.push(new Intl.NumberFormat('en-US').format(1234.5), new Date(0).toLocaleDateString('en-GB', { timeZone: 'UTC' }));
    log.push(structuredCloneLike({ a: [1] }).a[0], new WeakRef(call).deref() === call, Array.from(new Set([1, 1, 2])).length);
    Logger.write(log.join(' | '));
    call.reject(486);
});
const structuredCloneLike = (object) => JSON.parse(JSON.stringify(object));
