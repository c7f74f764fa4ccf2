// SPDX-License-Identifier: Apache-2.0

/// JavaScript of the classes `Player` and `SequencePlayer`: a sound that is heard where the script sends it.
enum PlayerClass {
    static let source = #"""
        const playerModule = lazily(() => {
            let playersAtWork = 0;
            class Player extends Unit {
                static events = PlayerEvents;
                #isLooped;
                #isPaused = false;
                #isOver = false;
                // Places to tell of: milliseconds from the start, or (negative) from the end.
                #markers = [];
                // Of the segments of a sequence; of all in one.
                #lengths = [];
                #length = 0;
                #startedAt;
                #heard = 0;
                #timers = [];

                constructor(sound, options) {
                    if (playersAtWork >= host.maxPlayers) throw new RangeError(`more than ${host.maxPlayers} players in this session`);
                    super();
                    playersAtWork += 1;
                    this.#isLooped = isLooped(options);
                    send({ createPlayer: { _0: Unit.of(this), _1: sound, loop: this.#isLooped } });
                    if (optionsOf(options).onPause === true) this.pause();
                    Promise.resolve().then(() => this.#tell(this.constructor.events.Created));
                }
                #tell(name, payload) { Unit.raise(this, name, { player: this, id: this.id(), ...payload }); }
                #at({ offset, segment }) {
                    const isPart = segment !== undefined && segment < this.#lengths.length;
                    const length = isPart ? this.#lengths[segment] : this.#length;
                    const start = isPart ? this.#lengths.slice(0, segment).reduce((a, b) => a + b, 0) : 0;
                    return start + (offset < 0 ? length + offset : offset);
                }
                #watchMarkers() {
                    if (this.#startedAt === undefined || this.#isPaused || this.#isOver) return;
                    for (const marker of this.#markers) {
                        const wait = this.#at(marker) - this.#heard - (now() - this.#startedAt);
                        if (wait < 0) continue;
                        this.#timers.push(startTimer(() => this.#tell(this.constructor.events.PlaybackMarkerReached, marker), wait, []));
                    }
                }
                #forgetTimers() {
                    this.#timers.forEach(stopTimer);
                    this.#timers = [];
                }
                pause() {
                    if (this.#isPaused || this.#isOver) return;
                    this.#isPaused = true;
                    if (this.#startedAt !== undefined) this.#heard += now() - this.#startedAt;
                    this.#forgetTimers();
                    send({ pausePlayer: { _0: Unit.of(this), _1: true } });
                }
                resume() {
                    if (!this.#isPaused || this.#isOver) return;
                    this.#isPaused = false;
                    if (this.#startedAt !== undefined) this.#startedAt = now();
                    send({ pausePlayer: { _0: Unit.of(this), _1: false } });
                    this.#watchMarkers();
                }
                stop() {
                    if (this.#isOver) return;
                    this.#end();
                    send({ stopPlayer: { _0: Unit.of(this) } });
                    Promise.resolve().then(() => this.#tell(this.constructor.events.Stopped));
                }
                #end() {
                    if (!this.#isOver) playersAtWork -= 1;
                    this.#isOver = true;
                    this.#forgetTimers();
                    Unit.forget(this);
                }
                // Milliseconds; negative: from the end. Of a sequence: of that segment, which counts from 0.
                addMarker(offset, segment) {
                    const place = { offset: whole(offset, 0), ...(segment === undefined ? {} : { segment: Math.max(whole(segment, 0), 0) }) };
                    if (this.#markers.length >= 100) throw new RangeError('more than 100 markers of one player');
                    this.#markers.push(place);
                    this.#forgetTimers();
                    this.#watchMarkers();
                }
                toString() { return `Player ${this.id()}`; }

                static received = {
                    playbackStarted: (player, { milliseconds }) => {
                        player.#length = milliseconds;
                        player.#startedAt = now();
                        player.#tell(player.constructor.events.PlaybackReady);
                        player.#tell(player.constructor.events.Started, { duration: milliseconds });
                        player.#forgetTimers();
                        player.#watchMarkers();
                    },
                    playbackSegments: (player, { milliseconds }) => { player.#lengths = milliseconds; },
                    playbackFinished: (player, { error }) => {
                        player.#end();
                        if (error !== undefined) player.#tell(player.constructor.events.Error, { error });
                        player.#tell(player.constructor.events.PlaybackFinished, error === undefined ? {} : { error });
                    },
                };
            }

            class SequencePlayer extends Player {
                static events = SequencePlayerEvents;
                constructor(parameters) {
                    const o = optionsOf(parameters);
                    if (!Array.isArray(o.segments) || o.segments.length === 0 || o.segments.length > 50)
                        throw new TypeError('createSequencePlayer: {segments: [...]} of 1 to 50 {text} or {url} is needed');
                    super({ sequence: { _0: o.segments.map(SequencePlayer.segment) } }, o);
                }
                static segment(one) {
                    const o = optionsOf(one);
                    const parameters = optionsOf(o.parameters);
                    if (o.url !== undefined) return soundOf(o.url);
                    if (o.text === undefined) throw new TypeError('createSequencePlayer: a segment has text or url');
                    return { speech: { _0: text(o.text, 1500), language: languageName(o.voice ?? o.language ?? parameters) } };
                }
                toString() { return `SequencePlayer ${this.id()}`; }
            }
            return { Player, SequencePlayer };
        });
        """#
}
