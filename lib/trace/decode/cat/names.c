#include "lib/trace/decode/cat/names.h"

#include "lib/trace/decode/cat/codes.h"

#define NAMES(name, ...)                                                                           \
	static const struct word name##_rows[] = {__VA_ARGS__};                                    \
	const struct words cat_##name = {name##_rows, ARRAY_LEN(name##_rows)}

/* TS 102 223 9.4, TS 31.111 9.4 */
NAMES(commands, {CAT_REFRESH, "REFRESH"}, {0x02, "MORE TIME"}, {0x03, "POLL INTERVAL"},
      {0x04, "POLLING OFF"}, {0x05, "SET UP EVENT LIST"}, {0x10, "SET UP CALL"}, {0x11, "SEND SS"},
      {0x12, "SEND USSD"}, {0x13, "SEND SHORT MESSAGE"}, {0x14, "SEND DTMF"},
      {0x15, "LAUNCH BROWSER"}, {0x16, "GEOGRAPHICAL LOCATION REQUEST"}, {0x20, "PLAY TONE"},
      {0x21, "DISPLAY TEXT"}, {0x22, "GET INKEY"}, {0x23, "GET INPUT"}, {0x24, "SELECT ITEM"},
      {0x25, "SET UP MENU"}, {0x26, "PROVIDE LOCAL INFORMATION"}, {0x27, "TIMER MANAGEMENT"},
      {0x28, "SET UP IDLE MODE TEXT"}, {0x30, "PERFORM CARD APDU"}, {0x31, "POWER ON CARD"},
      {0x32, "POWER OFF CARD"}, {0x33, "GET READER STATUS"}, {0x34, "RUN AT COMMAND"},
      {0x35, "LANGUAGE NOTIFICATION"}, {0x40, "OPEN CHANNEL"}, {0x41, "CLOSE CHANNEL"},
      {0x42, "RECEIVE DATA"}, {0x43, "SEND DATA"}, {0x44, "GET CHANNEL STATUS"},
      {0x45, "SERVICE SEARCH"}, {0x46, "GET SERVICE INFORMATION"}, {0x47, "DECLARE SERVICE"},
      {0x50, "SET FRAMES"}, {0x51, "GET FRAMES STATUS"}, {0x60, "RETRIEVE MULTIMEDIA MESSAGE"},
      {0x61, "SUBMIT MULTIMEDIA MESSAGE"}, {0x62, "DISPLAY MULTIMEDIA MESSAGE"}, {0x70, "ACTIVATE"},
      {0x71, "CONTACTLESS STATE CHANGED"}, {0x72, "COMMAND CONTAINER"},
      {0x73, "ENCAPSULATED SESSION CONTROL"}, {0x81, "END OF PROACTIVE SESSION"});

NAMES(results, {0x00, "performed successfully"}, {0x01, "performed with partial comprehension"},
      {0x02, "performed, with missing information"},
      {0x03, "REFRESH performed with additional EFs read"},
      {0x04, "performed, the icon could not be displayed"},
      {0x05, "performed, modified by call control"}, {0x06, "performed, limited service"},
      {0x07, "performed with modification"},
      {0x08, "REFRESH performed, the application was not active"},
      {0x09, "performed, the tone was not played"}, {0x10, "session terminated by the user"},
      {0x11, "backward move requested by the user"}, {0x12, "no response from the user"},
      {0x13, "help requested by the user"}, {0x14, "USSD or SS transaction terminated by the user"},
      {0x20, "terminal currently unable to process"}, {0x21, "network currently unable to process"},
      {0x22, "the user did not accept"}, {0x23, "the user cleared down the call"},
      {0x24, "in contradiction with the timer's state"},
      {0x25, "interaction with call control, temporary"}, {0x26, "launch browser, generic error"},
      {0x27, "MMS temporary problem"}, {0x30, "beyond the terminal's capabilities"},
      {0x31, "type not understood by the terminal"}, {0x32, "data not understood by the terminal"},
      {0x33, "command number not known by the terminal"}, {0x34, "SS return error"},
      {0x35, "SMS RP-ERROR"}, {0x36, "required values are missing"}, {0x37, "USSD return error"},
      {0x38, "multiple card command error"}, {0x39, "interaction with call control, permanent"},
      {0x3A, "bearer independent protocol error"}, {0x3B, "access technology unable to process"},
      {0x3C, "frames error"}, {0x3D, "MMS error"});

NAMES(devices, {0x01, "keypad"}, {0x02, "display"}, {0x03, "earpiece"}, {0x10, "card reader 0"},
      {0x11, "card reader 1"}, {0x21, "channel 1"}, {0x22, "channel 2"}, {0x23, "channel 3"},
      {0x24, "channel 4"}, {0x25, "channel 5"}, {0x26, "channel 6"}, {0x27, "channel 7"},
      {0x81, "UICC"}, {0x82, "terminal"}, {0x83, "network"});

NAMES(events, {0x00, "MT call"}, {0x01, "call connected"}, {0x02, "call disconnected"},
      {0x03, "location status"}, {0x04, "user activity"}, {0x05, "idle screen available"},
      {0x06, "card reader status"}, {0x07, "language selection"}, {0x08, "browser termination"},
      {0x09, "data available"}, {0x0A, "channel status"}, {0x0B, "access technology change"},
      {0x0C, "display parameters changed"}, {0x0D, "local connection"},
      {0x0E, "network search mode change"}, {0x0F, "browsing status"},
      {0x10, "frames information change"}, {0x11, "I-WLAN access status"},
      {0x12, "network rejection"}, {0x13, "HCI connectivity"},
      {0x14, "access technology change, multiple"}, {0x15, "CSG cell selection"},
      {0x16, "contactless state request"}, {0x17, "IMS registration"}, {0x18, "IMS incoming data"},
      {0x19, "profile container"}, {0x1B, "secured profile container"},
      {0x1C, "poll interval negotiation"}, {0x1D, "data connection status change"});

NAMES(refreshes, {0x00, "NAA initialisation and full file change"}, {0x01, "file change"},
      {0x02, "NAA initialisation and file change"}, {0x03, "NAA initialisation"},
      {0x04, "UICC reset"}, {0x05, "NAA application reset"}, {0x06, "NAA session reset"},
      {0x07, "steering of roaming"}, {0x08, "steering of roaming, I-WLAN"},
      {0x09, "eUICC profile state change"}, {0x0A, "application update"});

NAMES(templates, {0xD0, "Proactive command"}, {0xD1, "SMS-PP download"},
      {0xD2, "Cell broadcast download"}, {0xD3, "Menu selection"}, {0xD4, "Call control"},
      {0xD5, "MO short message control"}, {0xD6, "Event download"}, {0xD7, "Timer expiration"},
      {0xD8, "Intra-UICC communication"}, {0xD9, "USSD download"}, {0xDA, "MMS transfer status"},
      {0xDB, "MMS notification download"}, {0xDC, "Terminal applications"},
      {0xDD, "Geographical location reporting"}, {0xDE, "Envelope container"},
      {0xDF, "ProSe report"}, {0xE4, "Encrypted exchange"});
