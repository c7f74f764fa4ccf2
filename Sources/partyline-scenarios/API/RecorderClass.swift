// SPDX-License-Identifier: Apache-2.0

/// JavaScript of the class `Recorder`: a file that hears what is sent to it.
enum RecorderClass {
    static let source = #"""
        const recorderModule = lazily(() => {
            // Days for RecordExpireTime: nothing said is for ever, "" the three months of the constant.
            const expiryDays = { '': 90, '-6m': 183, '-1y': 365, '-2y': 730, '-3y': 1095 };
            const recordingOf = (options) => {
                const o = optionsOf(options);
                const asked = text(o.format, 10).toLowerCase();
                const format = ['wav', 'mp3', 'flac', 'ogg'].includes(asked) ? asked : o.lossless === true ? 'flac' : 'mp3';
                return {
                    name: text(o.name ?? o.recordNamePrefix, 100), format, isStereo: o.stereo === true, isHighDefinition: o.hd_audio === true,
                    expiresAfterDays: o.expire === undefined ? 0 : expiryDays[o.expire] ?? Math.min(Math.max(whole(o.expire, 0), 0), 36500),
                };
            };

            class Recorder extends Unit {
                #isOver = false;
                constructor(options) {
                    super();
                    send({ createRecorder: { _0: Unit.of(this), _1: recordingOf(options) } });
                }
                #tell(name, payload) { Unit.raise(this, name, { recorder: this, id: this.id(), ...payload }); }
                mute(muted = true) { if (!this.#isOver) send({ muteRecorder: { _0: Unit.of(this), _1: Boolean(muted) } }); }
                stop() {
                    if (this.#isOver) return;
                    this.#isOver = true;
                    send({ stopRecorder: { _0: Unit.of(this) } });
                }
                toString() { return `Recorder ${this.id()}`; }

                static received = {
                    recordStarted: (recorder, { url }) => recorder.#tell(RecorderEvents.Started, { url }),
                    recordStopped: (recorder, { url, seconds }) => {
                        recorder.#isOver = true;
                        Unit.forget(recorder);
                        recorder.#tell(RecorderEvents.Stopped, { url, cost: 0, duration: seconds });
                    },
                    // Stopped follows where there is something to keep.
                    recordError: (recorder, { _1: error }) => {
                        recorder.#isOver = true;
                        recorder.#tell(RecorderEvents.RecorderError, { error });
                    },
                };
            }
            return { Recorder, recordingOf };
        });
        """#
}
