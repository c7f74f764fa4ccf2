// SPDX-License-Identifier: Apache-2.0

/// JavaScript of the classes `Conference` and `Endpoint`: a mix and those whom a script put into it by `add`.
enum ConferenceClass {
    static let source = #"""
        const conferenceModule = lazily(() => {
            class Endpoint {
                #id = host.random();
                #call;
                #conference;
                #mode;
                #direction;
                constructor(conference, { call, mode, direction }) {
                    this.#conference = conference;
                    this.#call = call;
                    this.manage({ mode, direction });
                }
                manage({ mode, direction }) {
                    const [call, conference] = [this.#call, this.#conference];
                    this.#mode = text(mode ?? this.#mode ?? 'MIX').toUpperCase();
                    this.#direction = text(direction ?? this.#direction ?? 'BOTH').toUpperCase();
                    // SEND: the call is heard; RECEIVE: it hears.
                    if (this.#direction === 'RECEIVE') Unit.disconnect(call, conference); else Unit.connect(call, conference);
                    if (this.#direction === 'SEND') Unit.disconnect(conference, call); else Unit.connect(conference, call);
                }
                id() { return this.#id; }
                getCall() { return this.#call; }
                getMode() { return this.#mode; }
                getDirection() { return this.#direction; }
                show(name) {
                    this.displayName = text(name, 200);
                    send({ nameCaller: { _0: Unit.of(this.#call), _1: this.displayName } });
                }
                setDisplayName(name) {
                    this.show(name);
                    Conference.tell(this.#conference, ConferenceEvents.EndpointUpdated, this);
                }
                manageEndpoint(parameters) {
                    this.manage(optionsOf(parameters));
                    Conference.tell(this.#conference, ConferenceEvents.EndpointManaged, this);
                }
            }

            class Conference extends Unit {
                #endpoints = new Map();

                constructor(options) {
                    super();
                    const { roomKeys, joinTones } = optionsOf(options);
                    send({
                        createConference: {
                            _0: Unit.of(this),
                            _1: { roomKeys: roomKeys === true, joinTones: joinTones === true },
                        },
                    });
                }
                static tell(conference, name, endpoint) {
                    Unit.raise(conference, name, {
                        conference, id: conference.id(), endpoint, endpointId: endpoint.id(), mode: endpoint.getMode(),
                        direction: endpoint.getDirection(),
                    });
                }
                #tell(name, payload) { Unit.raise(this, name, { conference: this, id: this.id(), ...payload }); }
                getId() { return this.id(); }
                // Into the room, over all who talk (ours).
                say(words, voice) {
                    const sound = { speech: { _0: text(words, 1500), language: languageName(voice) } };
                    send({ startPlayback: { _0: Unit.of(this), _1: sound, loop: false } });
                }
                startPlayback(url, options) {
                    send({ startPlayback: { _0: Unit.of(this), _1: soundOf(url), loop: isLooped(options) } });
                }
                stopPlayback() { send({ stopPlayback: { _0: Unit.of(this) } }); }
                stop() { send({ stopConference: { _0: Unit.of(this) } }); }
                getList() { return [...this.#endpoints.values()]; }
                get(id) { return this.#endpoints.get(id); }
                add(parameters) {
                    const { displayName } = optionsOf(parameters);
                    const endpoint = new Endpoint(this, optionsOf(parameters));
                    if (displayName !== undefined) endpoint.show(displayName);
                    this.#endpoints.set(endpoint.id(), endpoint);
                    const leave = () => {
                        if (!this.#endpoints.delete(endpoint.id())) return;
                        Conference.tell(this, ConferenceEvents.EndpointRemoved, endpoint);
                    };
                    endpoint.getCall().addEventListener(CallEvents.Disconnected, leave);
                    endpoint.getCall().addEventListener(CallEvents.Failed, leave);
                    Promise.resolve().then(() => Conference.tell(this, ConferenceEvents.EndpointAdded, endpoint));
                    return endpoint;
                }
                toString() { return `Conference ${this.id()}`; }

                static received = {
                    conferenceStarted: (conference) => conference.#tell(ConferenceEvents.Started),
                    conferenceStopped: (conference) => {
                        Unit.forget(conference);
                        conference.#tell(ConferenceEvents.Stopped);
                    },
                    conferenceError: (conference, { _1: error }) => conference.#tell(ConferenceEvents.ConferenceError, { error, code: 500 }),
                };
            }
            return { Conference };
        });
        """#
}
