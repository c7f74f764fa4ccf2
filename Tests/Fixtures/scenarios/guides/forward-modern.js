// The same in one line, with a look at the legs once they stand.
VoxEngine.forwardCallToUser((name) => name.replace('desk', '21'), (call1, call2) => {
    Logger.write(`GUIDE easy: ${call1.state()} ${call2.state()} ${call1.incoming()} ${call2.incoming()}`);
    call1.sendMessage('hello');
    call2.addEventListener(CallEvents.Disconnected, ({ direction }) => Logger.write(`GUIDE easy: ${direction} ended`));
});
