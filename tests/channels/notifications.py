# The notification service of a desktop (org.freedesktop.Notifications), for a Chromium whose notifications a test wants
# to see and to press: a line of JSON for each that is shown; "press <id>" on its standard input presses one. Runs a
# message bus of its own, says its address first, and ends with its standard input.

import json
import subprocess
import sys
import threading

from jeepney import DBusAddress, HeaderFields, MessageType, new_method_return, new_signal
from jeepney.bus_messages import message_bus
from jeepney.io.threading import open_dbus_connection

NAME = 'org.freedesktop.Notifications'
PATH = '/org/freedesktop/Notifications'

bus = subprocess.Popen(['dbus-daemon', '--session', '--nofork', '--print-address'], stdout=subprocess.PIPE, text=True)
address = bus.stdout.readline().strip()


def say(words):
    print(words, flush=True)


def answer(call, shown):
    """The answer's signature and body; None: nothing that is known."""
    member = call.header.fields.get(HeaderFields.member)
    if member == 'GetCapabilities':
        return 'as', (['actions', 'body', 'body-markup', 'persistence'],)
    if member == 'GetServerInformation':
        return 'ssss', ('tests', 'tests', '1.0', '1.2')
    if member == 'Notify':
        _, _, _, title, body, actions, _, _ = call.body
        shown.append((title, body))
        say(json.dumps({'id': len(shown), 'title': title, 'body': body, 'actions': actions}))
        return 'u', (len(shown),)
    return '', ()


def press(connection):
    for line in sys.stdin:
        number = int(line.split()[1])
        at = DBusAddress(PATH, interface=NAME)
        connection.send(new_signal(at, 'ActivationToken', 'us', (number, 'token')))
        connection.send(new_signal(at, 'ActionInvoked', 'us', (number, 'default')))
    bus.terminate()


connection = open_dbus_connection(address)
threading.Thread(target=press, args=[connection]).start()
shown = []
connection.send(message_bus.RequestName(NAME))
say(address)
while True:
    try:
        call = connection.receive()
    except Exception:
        break
    if call.header.message_type == MessageType.method_call:
        signature, body = answer(call, shown)
        connection.send(new_method_return(call, signature or None, body))
bus.terminate()
