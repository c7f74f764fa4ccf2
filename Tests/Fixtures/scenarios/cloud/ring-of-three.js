// Each hears the next one and nobody else: media one way, in a ring.
VoxEngine.addEventListener(AppEvents.CallAlerting, ({ call: a }) => {
    const [b, c] = ['201', '202'].map((username) => VoxEngine.callUser({ username }));
    let up = 0;
    const connected = () => {
        if (++up < 3) return;
        a.sendMediaTo(b);
        b.sendMediaTo(c);
        c.sendMediaTo(a);
        setTimeout(() => {
            c.stopMediaTo(a);
            b.sendMediaTo(a);
            Logger.write('turned');
        }, 2000);
        setTimeout(VoxEngine.terminate, 4000);
    };
    for (const call of [a, b, c]) call.addEventListener(CallEvents.Connected, connected);
    a.answer();
});
