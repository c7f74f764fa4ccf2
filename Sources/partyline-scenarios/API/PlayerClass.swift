// SPDX-License-Identifier: Apache-2.0

/// JavaScript of the class `Player`: a sound that is heard where the script sends it.
enum PlayerClass {
    static let source = #"""
        class Player extends Unit {
            #isLooped;
            #isPaused = false;
            #isOver = false;
            // Places to tell of: milliseconds from the start, or (negative) from the end.
            #markers = [];
            #length = 0;
            #startedAt;
            #heard = 0;
            #timers = [];

            constructor(sound, options) {
                super();
                this.#isLooped = isLooped(options);
                send({ createPlayer: { _0: Unit.of(this), _1: sound, loop: this.#isLooped } });
                if (optionsOf(options).onPause === true) this.pause();
                Promise.resolve().then(() => this.#tell(PlayerEvents.Created));
            }
            #tell(name, payload) { Unit.raise(this, name, { player: this, id: this.id(), ...payload }); }
            #at(offset) { return offset < 0 ? this.#length + offset : offset; }
            #watchMarkers() {
                if (this.#startedAt === undefined || this.#isPaused || this.#isOver) return;
                for (const offset of this.#markers) {
                    const wait = this.#at(offset) - this.#heard - (Date.now() - this.#startedAt);
                    if (wait < 0) continue;
                    this.#timers.push(startTimer(() => this.#tell(PlayerEvents.PlaybackMarkerReached, { offset }), wait, []));
                }
            }
            #forgetTimers() {
                this.#timers.forEach(stopTimer);
                this.#timers = [];
            }
            pause() {
                if (this.#isPaused || this.#isOver) return;
                this.#isPaused = true;
                if (this.#startedAt !== undefined) this.#heard += Date.now() - this.#startedAt;
                this.#forgetTimers();
                send({ pausePlayer: { _0: Unit.of(this), _1: true } });
            }
            resume() {
                if (!this.#isPaused || this.#isOver) return;
                this.#isPaused = false;
                if (this.#startedAt !== undefined) this.#startedAt = Date.now();
                send({ pausePlayer: { _0: Unit.of(this), _1: false } });
                this.#watchMarkers();
            }
            stop() {
                if (this.#isOver) return;
                this.#end();
                send({ stopPlayer: { _0: Unit.of(this) } });
                Promise.resolve().then(() => this.#tell(PlayerEvents.Stopped));
            }
            #end() {
                this.#isOver = true;
                this.#forgetTimers();
                Unit.forget(this);
            }
            addMarker(offset) {
                this.#markers.push(whole(offset, 0));
                this.#forgetTimers();
                this.#watchMarkers();
            }
            toString() { return `Player ${this.id()}`; }

            static received = {
                playbackStarted: (player, { milliseconds }) => {
                    player.#length = milliseconds;
                    player.#startedAt = Date.now();
                    player.#tell(PlayerEvents.PlaybackReady);
                    player.#tell(PlayerEvents.Started, { duration: milliseconds });
                    player.#forgetTimers();
                    player.#watchMarkers();
                },
                playbackFinished: (player, { error }) => {
                    player.#end();
                    if (error !== undefined) player.#tell(PlayerEvents.Error, { error });
                    player.#tell(PlayerEvents.PlaybackFinished, error === undefined ? {} : { error });
                },
            };
        }
        """#
}
