// SPDX-License-Identifier: Apache-2.0

extension Loading {
    /// What each preset needs to find its hardware. Whether that is there only shows when it is opened.
    mutating func checkLines() {
        for (index, line) in settings.lines.enumerated() where index < places.lines.count {
            let isUSB = line.usb != nil || line.serial != nil || line.usbPort != nil
            let place = places.lines[index].place("preset")
            var needs: [(key: String, isThere: Bool, remedy: String)] = []
            switch line.preset {
            case "alsa-fxs", "alsa-fxo":
                needs = [
                    ("pcm", !line.pcm.isEmpty, "write pcm = \"hw:CARD=Phone\", or another of its kind"),
                    ("ctl", !line.ctl.isEmpty, "write ctl = \"hw:CARD=Phone\", or another of its kind"),
                ]
            case "gpio-fxs":
                needs = [
                    ("pcm", !line.pcm.isEmpty, "write pcm = \"hw:CARD=Phone\", or another of its kind"),
                    ("gpio_hook", line.gpioHook != nil, "write gpio_hook = \"slic-shk\", or another of its kind"),
                ]
            case "gpio-fxo":
                needs = [
                    ("pcm", !line.pcm.isEmpty, "write pcm = \"hw:CARD=Line\", or another of its kind"),
                    ("gpio_seize", line.gpioSeize != nil, "write gpio_seize = \"fxo-oh\", or another of its kind"),
                ]
            case "modem-ctl":
                needs = [
                    ("pcm", !line.pcm.isEmpty, "write pcm = \"hw:CARD=Modem,DEV=6\", or another of its kind"),
                    ("ctl", !line.ctl.isEmpty, "write ctl = \"hw:CARD=Modem\", or another of its kind"),
                ]
            case "v253":
                needs = [
                    (
                        "usb", isUSB || line.tty != nil,
                        "write usb = \"0baf:0303\", or what \"lsusb\" shows of it, or tty = \"/dev/ttyACM0\""
                    )
                ]
            default:
                let isNamed = !line.pcm.isEmpty && (line.hid != nil || line.event != nil)
                needs = [("usb", isUSB || isNamed, "write usb = \"06e6:c200\", or what \"lsusb\" shows of it")]
            }
            if line.preset == "v253", line.dialling == "pulse" {
                note(places.lines[index].place("dialling")) {
                    $0.error($1, "a voice modem (preset v253) can not dial by pulses", "write dialling = \"dtmf\"")
                }
            }
            for key in ["host", "landline_port", "password", "password_file"]
            where places.lines[index].keys[key] != nil {
                note(places.lines[index].place(key)) {
                    $0.warning($1, "\(key) means nothing in a line of preset \(line.preset)", "leave it out")
                }
            }
            // One that is there and does not fit was told already.
            for need in needs where !need.isThere && places.lines[index].keys[need.key] == nil {
                note(place) {
                    $0.error($1, "the key \(need.key) is missing in a line of preset \(line.preset)", need.remedy)
                }
            }
        }
    }
}
