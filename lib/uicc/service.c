#include "lib/uicc/service.h"

const struct uicc_service_file uicc_usim_services[] = {
	{2, 0, 0x6F3B},	       {3, 0, 0x6F4B},	      {4, 0, 0x6F49},	     {5, 0, 0x6F4C},
	{6, 0, 0x6F4D},	       {8, 0, 0x6F81},	      {8, 0, 0x6F83},	     {9, 0, 0x6F80},
	{9, 0, 0x6F82},	       {10, 0, 0x6F3C},	      {11, 0, 0x6F47},	     {12, 0, 0x6F42},
	{13, 0, 0x6F39},       {13, 0, 0x6F37},	      {13, 0, 0x6F41},	     {14, 0, 0x6F4F},
	{15, 0, 0x6F45},       {16, 0, 0x6F50},	      {17, 0, 0x6F3E},	     {18, 0, 0x6F3F},
	{19, 0, 0x6F46},       {20, 0, 0x6F60},	      {21, 0, 0x6F40},	     {24, 0, 0x6FB5},
	{25, 0, 0x6FB6},       {27, 0x5F3B, 0x4F20},  {34, 0, 0x6F56},	     {35, 0, 0x6F57},
	{36, 0, 0x6F2C},       {37, 0, 0x6F32},	      {39, 0x5F3B, 0x4F63},  {40, 0x5F3B, 0x4F64},
	{42, 0, 0x6F61},       {43, 0, 0x6F62},	      {44, 0, 0x6F4E},	     {45, 0, 0x6FC5},
	{46, 0, 0x6FC6},       {47, 0, 0x6FC7},	      {48, 0, 0x6FCA},	     {49, 0, 0x6FCB},
	{51, 0, 0x6FCD},       {52, 0, 0x6FCE},	      {57, 0, 0x6FB1},	     {58, 0, 0x6FB3},
	{71, 0, 0x6FD9},       {73, 0, 0x6FDB},	      {74, 0, 0x6FDC},	     {85, 0, 0x6FE3},
	{85, 0, 0x6FE4},       {96, 0, 0x6FE8},	      {122, 0x5FC0, 0x4F01}, {122, 0x5FC0, 0x4F02},
	{122, 0x5FC0, 0x4F03}, {122, 0x5FC0, 0x4F04}, {123, 0x5FC0, 0x4F05}, {126, 0x5FC0, 0x4F06},
	{129, 0x5FC0, 0x4F08},
};
const size_t uicc_usim_service_count = ARRAY_LEN(uicc_usim_services);

const struct uicc_service_file uicc_isim_services[] = {
	{1, 0, 0x6F09},	 {2, 0, 0x6FD5},  {2, 0, 0x6FD7},  {4, 0, 0x6FDD},  {6, 0, 0x6F3C},
	{6, 0, 0x6F42},	 {6, 0, 0x6F43},  {7, 0, 0x6F47},  {10, 0, 0x6FE7}, {17, 0, 0x6FF7},
	{18, 0, 0x6FF8}, {19, 0, 0x6FFC}, {20, 0, 0x6FFA}, {21, 0, 0x6FFE},
};
const size_t uicc_isim_service_count = ARRAY_LEN(uicc_isim_services);

bool uicc_has_service(struct slice table, unsigned service)
{
	return slice_at(table, (service - 1) / 8) >> ((service - 1) % 8) & 1;
}
