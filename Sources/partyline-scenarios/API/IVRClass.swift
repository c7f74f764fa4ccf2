// SPDX-License-Identifier: Apache-2.0

/// JavaScript of the module IVR: states that say something and take digits.
enum IVRClass {
    static let source = #"""
        const ivrModule = lazily(() => {
            const IVR = { reset: () => { IVRState.current?.leave(); } };
            const types = ['select', 'inputfixed', 'inputunknown', 'noinput'];
            class IVRState {
                static current;
                static #tones = new WeakMap();
                #onComplete;
                #onTimeout;
                #timer;
                #call;
                constructor(name, settings, onInputComplete, onInputTimeout) {
                    this.name = text(name);
                    this.settings = optionsOf(settings);
                    // Of a type that is none, digits would be taken and nobody told.
                    const { type } = this.settings;
                    if (!types.includes(type)) {
                        const given = type === undefined ? 'there is none' : `"${text(type, 40)}" is none of them`;
                        throw new TypeError(`IVRState ${this.name}: type is one of "${types.join('", "')}"; ${given}`);
                    }
                    this.input = '';
                    this.#onComplete = onInputComplete;
                    this.#onTimeout = onInputTimeout;
                }
                enter(call) {
                    IVRState.current?.leave();
                    IVRState.current = this;
                    this.#call = call;
                    this.input = '';
                    if (!IVRState.#tones.has(call)) {
                        IVRState.#tones.set(call, true);
                        call.addEventListener(CallEvents.ToneReceived, ({ tone }) => IVRState.current?.digit(call, tone));
                        call.addEventListener(CallEvents.PlaybackFinished, () => IVRState.current?.prompted(call));
                        for (const over of [CallEvents.Disconnected, CallEvents.Failed])
                            call.addEventListener(over, () => IVRState.current?.leave(call));
                    }
                    call.handleTones(this.settings.type !== 'noinput');
                    const { say, lang, play } = optionsOf(this.settings.prompt);
                    if (play !== undefined) call.startPlayback(play);
                    else if (say !== undefined) call.say(say, lang);
                    else this.prompted(call);
                }
                leave(call) {
                    if (call !== undefined && call !== this.#call) return;
                    stopTimer(this.#timer);
                    if (IVRState.current === this) IVRState.current = undefined;
                }
                // The prompt is over: the time for the first digit begins.
                prompted(call) {
                    if (call !== this.#call) return;
                    if (this.settings.type === 'noinput') return this.#complete();
                    this.#wait();
                }
                digit(call, tone) {
                    const { type, nextStates, inputLength, inputValidator, terminateOn } = this.settings;
                    if (call !== this.#call || type === 'noinput') return;
                    if (this.input === '') call.stopPlayback();
                    // The terminator is part of the input: scripts strip it themselves.
                    this.input += tone;
                    const isDone = type === 'select' ? true
                        : type === 'inputfixed' ? this.input.length >= whole(inputLength, 1)
                        : tone === terminateOn || (typeof inputValidator === 'function' && inputValidator(this.input) === true);
                    if (!isDone) return this.#wait();
                    if (type === 'select' && nextStates !== undefined && nextStates[tone] === undefined && this.#onComplete === undefined) {
                        this.input = '';
                        return this.#wait();
                    }
                    this.#complete(type === 'select' ? optionsOf(nextStates)[tone] : undefined);
                }
                #wait() {
                    stopTimer(this.#timer);
                    this.#timer = startTimer(() => {
                        const input = this.input;
                        this.leave();
                        if (typeof this.#onTimeout === 'function') this.#onTimeout(input);
                    }, whole(this.settings.timeout, 5000), []);
                }
                #complete(chosen) {
                    const call = this.#call;
                    this.leave();
                    if (typeof this.#onComplete === 'function') this.#onComplete(this.input);
                    const next = chosen ?? this.settings.nextState;
                    if (IVRState.current === undefined && next instanceof IVRState) next.enter(call);
                }
            }
            return { IVR, IVRState };
        });
        """#
}
