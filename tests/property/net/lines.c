#include "tests/property/net/lines.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/bytes.h"

#define GATEWAY	  0x0A2D0001u /* 10.45.0.1 */
#define INTERNET  0xC0000202u /* 192.0.2.2 */
#define FRAME_MAX 2048
#define LISTEN_MS 25
#define HEAD_ETH  14
#define HEAD_IP	  20
#define HEAD_TCP  20
#define HEAD_UDP  8

const char *const place_names[PLACES] = {"portal", "release", "DNS", "internet"};
static const struct {
	uint32_t address;
	uint16_t port;
	uint8_t protocol;
} places[PLACES] = {{GATEWAY, 8080, IPPROTO_TCP},
		    {GATEWAY, 8443, IPPROTO_TCP},
		    {GATEWAY, 53, IPPROTO_UDP},
		    {INTERNET, 443, IPPROTO_TCP}};
static const uint8_t gateway_mac[6] = {2, 0, 0, 0, 0, 0xFE}, wan_mac[6] = {2, 0, 0, 0, 2, 1},
		     internet_mac[6] = {2, 0, 0, 0, 2, 2};

static struct {
	int net0, eth0; /* frames, at the modules' end and in the internet */
	int tcp, udp;	/* what the access network's own address gets */
	int net0_index, eth0_index;
	uint32_t number; /* of the last packet: all have one */
	struct sent {
		uint32_t number, address;
		uint16_t port;
	} last[LINES_STATIONS]; /* to the internet */
} l;

static bool write_to(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool good = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return good;
}

bool lines_allowed(void)
{
	uid_t uid = getuid();
	gid_t gid = getgid();
	char map[64];

	if (uid) {
		if (unshare(CLONE_NEWUSER)) {
			printf("skipped: who is not root may not make namespaces here\n");
			return false;
		}
		snprintf(map, sizeof(map), "0 %u 1\n", (unsigned)uid);
		(void)write_to("/proc/self/setgroups", "deny");
		(void)write_to("/proc/self/uid_map", map);
		snprintf(map, sizeof(map), "0 %u 1\n", (unsigned)gid);
		(void)write_to("/proc/self/gid_map", map);
	}
	if (unshare(CLONE_NEWNET) ||
	    system("ip link add name v0 type veth peer name v1 2>/dev/null && "
		   "nft 'add table inet t' 2>/dev/null") != 0) {
		printf("skipped: the namespaces that can be made here have no veth or nftables\n");
		return false;
	}
	return true;
}

static int frames(const char *name, int *index)
{
	struct sockaddr_ll a = {.sll_family = AF_PACKET,
				.sll_protocol = htons(ETH_P_IP),
				.sll_ifindex = (int)if_nametoindex(name)};
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, htons(ETH_P_IP));
	struct packet_mreq all = {.mr_ifindex = a.sll_ifindex, .mr_type = PACKET_MR_PROMISC};

	*index = a.sll_ifindex;
	if (fd < 0 || bind(fd, (const struct sockaddr *)&a, sizeof(a)) ||
	    setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &all, sizeof(all)))
		return -1;
	return fd;
}

/* Outside, the modules and the internet; inside, the access network, which this process stays in.
 */
bool lines_open(void)
{
	static const char *const inside[] = {
		"ip address add 10.45.0.1/24 dev " LINES_INTERFACE,
		"ip link set " LINES_INTERFACE " up",
		"ip address add 192.0.2.1/24 dev wan0",
		"ip link set wan0 up",
		"ip neighbour add 192.0.2.2 lladdr 02:00:00:00:02:02 dev wan0",
		"for i in 0 1 2; do ip neighbour add 10.45.0.1$i lladdr 02:00:00:00:00:0$((i+1)) "
		"dev " LINES_INTERFACE "; done",
		"ip link set lo up",
	};
	char command[256];
	int outside, here;

	if (unshare(CLONE_NEWNET))
		return false;
	outside = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (unshare(CLONE_NEWNET))
		return false;
	here = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	snprintf(command, sizeof(command),
		 "ip link add name " LINES_INTERFACE " address 02:00:00:00:00:fe type veth peer "
		 "name net0 && ip link set net0 netns /proc/%d/fd/%d",
		 (int)getpid(), outside);
	if (system(command) != 0)
		return false;
	snprintf(command, sizeof(command),
		 "ip link add name wan0 address 02:00:00:00:02:01 type veth peer name eth0 address "
		 "02:00:00:00:02:02 && ip link set eth0 netns /proc/%d/fd/%d",
		 (int)getpid(), outside);
	if (system(command) != 0)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(inside); i++)
		if (system(inside[i]) != 0)
			return false;
	if (!write_to("/proc/sys/net/ipv4/ip_forward", "1"))
		return false;
	l.tcp = socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
	l.udp = socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_UDP);
	if (setns(outside, CLONE_NEWNET) ||
	    system("ip link set net0 up && ip link set eth0 up") != 0)
		return false;
	l.net0 = frames("net0", &l.net0_index);
	l.eth0 = frames("eth0", &l.eth0_index);
	if (setns(here, CLONE_NEWNET))
		return false;
	close(here);
	close(outside);
	return l.tcp >= 0 && l.udp >= 0 && l.net0 >= 0 && l.eth0 >= 0;
}

static uint32_t add_up(const uint8_t *p, size_t n, uint32_t sum)
{
	for (size_t i = 0; i < n; i++)
		sum += (uint32_t)p[i] << (i % 2 ? 0 : 8);
	return sum;
}

static void put_sum(uint8_t *to, uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xFFFF) + (sum >> 16);
	sum = ~sum & 0xFFFF;
	to[0] = (uint8_t)(sum >> 8);
	to[1] = (uint8_t)sum;
}

static void put16(uint8_t *to, unsigned v)
{
	to[0] = (uint8_t)(v >> 8);
	to[1] = (uint8_t)v;
}

static void put32(uint8_t *to, uint32_t v)
{
	put16(to, v >> 16);
	put16(to + 2, v & 0xFFFF);
}

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

struct packet {
	const uint8_t *from_mac, *to_mac;
	uint32_t from, to;
	uint16_t sport, dport;
	uint8_t protocol, flags; /* of TCP */
	uint32_t number, acknowledged;
};

/* TCP has its number as sequence, UDP as its four octets. */
static size_t build(const struct packet *p, uint8_t frame[static FRAME_MAX])
{
	bool tcp = p->protocol == IPPROTO_TCP;
	uint8_t *ip = frame + HEAD_ETH, *t = ip + HEAD_IP;
	size_t body = tcp ? HEAD_TCP : HEAD_UDP + 4;

	memset(frame, 0, HEAD_ETH + HEAD_IP + HEAD_TCP);
	memcpy(frame, p->to_mac, 6);
	memcpy(frame + 6, p->from_mac, 6);
	put16(frame + 12, ETH_P_IP);
	ip[0] = 0x45;
	put16(ip + 2, (unsigned)(HEAD_IP + body));
	ip[8] = 64;
	ip[9] = p->protocol;
	put32(ip + 12, p->from);
	put32(ip + 16, p->to);
	put_sum(ip + 10, add_up(ip, HEAD_IP, 0));
	put16(t, p->sport);
	put16(t + 2, p->dport);
	if (tcp) {
		put32(t + 4, p->number);
		put32(t + 8, p->acknowledged);
		t[12] = 5 << 4;
		t[13] = p->flags;
		put16(t + 14, 4096);
	} else {
		put16(t + 4, (unsigned)body);
		put32(t + HEAD_UDP, p->number);
	}
	put_sum(t + (tcp ? 16 : 6),
		add_up(t, body, add_up(ip + 12, 8, p->protocol + (uint32_t)body)));
	return HEAD_ETH + HEAD_IP + body;
}

static void send_frame(int fd, int index, const struct packet *p)
{
	uint8_t frame[FRAME_MAX];
	size_t n = build(p, frame);
	struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_ifindex = index, .sll_halen = 6};

	memcpy(to.sll_addr, p->to_mac, 6);
	(void)!sendto(fd, frame, n, 0, (const struct sockaddr *)&to, sizeof(to));
}

#define TCP_SYN 0x02
#define TCP_ACK 0x10

static void module_sends(unsigned station, uint32_t address, enum place place, uint32_t number)
{
	const uint8_t mac[6] = {2, 0, 0, 0, 0, (uint8_t)(station + 1)};
	const struct packet p = {.from_mac = mac,
				 .to_mac = gateway_mac,
				 .from = address,
				 .to = places[place].address,
				 .sport = (uint16_t)(1024 + number % 60000),
				 .dport = places[place].port,
				 .protocol = places[place].protocol,
				 .flags = TCP_SYN,
				 .number = number};

	send_frame(l.net0, l.net0_index, &p);
}

static void internet_answers(const struct sent *to, uint32_t number)
{
	const struct packet p = {.from_mac = internet_mac,
				 .to_mac = wan_mac,
				 .from = INTERNET,
				 .to = to->address,
				 .sport = places[PLACE_INTERNET].port,
				 .dport = to->port,
				 .protocol = IPPROTO_TCP,
				 .flags = TCP_SYN | TCP_ACK,
				 .number = number,
				 .acknowledged = to->number + 1};

	send_frame(l.eth0, l.eth0_index, &p);
}

/* The number of the next packet that fd has; 0: there is none. Our own frames, going out, are none.
 */
static uint32_t next_number(int fd, size_t head)
{
	uint8_t frame[FRAME_MAX];
	struct sockaddr_ll from = {.sll_pkttype = 0};
	socklen_t len = sizeof(from);
	ssize_t n;

	while ((n = recvfrom(fd, frame, sizeof(frame), 0, head ? (struct sockaddr *)&from : NULL,
			     head ? &len : NULL)) > 0) {
		const uint8_t *ip = frame + head, *t = ip + HEAD_IP;

		if ((head && from.sll_pkttype == PACKET_OUTGOING) ||
		    n < (ssize_t)(head + HEAD_IP + HEAD_UDP + 4))
			continue;
		if (ip[9] == IPPROTO_TCP || ip[9] == IPPROTO_UDP)
			return get32(t + (ip[9] == IPPROTO_TCP ? 4 : HEAD_UDP));
	}
	return 0;
}

/* Each number names a station and a place, or an answer to one. */
static void hear(int fd, size_t head, uint32_t first, struct lines_heard *out)
{
	uint32_t n;

	while ((n = next_number(fd, head)) != 0) {
		uint32_t at = n - first, station = at / (PLACES + 2), what = at % (PLACES + 2);

		if (n < first || station >= LINES_STATIONS)
			continue; /* of the time before */
		if (what < PLACES && !out->arrived[station][what]) {
			out->arrived[station][what] = true;
			if (what == PLACE_INTERNET && fd == l.eth0)
				internet_answers(&l.last[station],
						 first + station * (PLACES + 2) + PLACES);
		} else if (what == PLACES) {
			out->answered[station] = true;
		} else if (what == PLACES + 1) {
			out->late[station] = true;
		}
	}
}

static void hear_all(uint32_t first, struct lines_heard *out)
{
	struct pollfd fds[] = {{.fd = l.net0, .events = POLLIN},
			       {.fd = l.eth0, .events = POLLIN},
			       {.fd = l.tcp, .events = POLLIN},
			       {.fd = l.udp, .events = POLLIN}};

	while (poll(fds, ARRAY_LEN(fds), LISTEN_MS) > 0)
		for (size_t i = 0; i < ARRAY_LEN(fds); i++)
			if (fds[i].revents)
				hear(fds[i].fd, i < 2 ? HEAD_ETH : 0, first, out);
}

void lines_look(const uint32_t address[static LINES_STATIONS], struct lines_heard *out)
{
	uint32_t first = l.number + 1;

	*out = (struct lines_heard){.late = {false}};
	l.number += LINES_STATIONS * (PLACES + 2);
	/* the internet says once more what it said to each before */
	for (unsigned s = 0; s < LINES_STATIONS; s++)
		if (l.last[s].address && l.last[s].address == address[s])
			internet_answers(&l.last[s], first + s * (PLACES + 2) + PLACES + 1);
	for (unsigned s = 0; s < LINES_STATIONS; s++) {
		if (!address[s])
			continue;
		for (unsigned p = 0; p < PLACES; p++)
			module_sends(s, address[s], (enum place)p, first + s * (PLACES + 2) + p);
		l.last[s] = (struct sent){
			.number = first + s * (PLACES + 2) + PLACE_INTERNET,
			.address = address[s],
			.port = (uint16_t)(1024 +
					   (first + s * (PLACES + 2) + PLACE_INTERNET) % 60000)};
	}
	hear_all(first, out);
}
