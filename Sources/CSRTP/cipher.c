/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 3711 sections 4.1.1 (counter mode), 4.2.1 (HMAC-SHA-1), 4.3 (key derivation); RFC 7714 sections 8, 9 and 11. */
#include "internal.h"

#include <string.h>

/* The pseudo-random function of section 4.3.3: the key stream for an IV of label and salt. */
static bool derive(EVP_CIPHER_CTX *master, const uint8_t salt[14], uint8_t label, uint8_t *out, int count) {
    uint8_t iv[16] = {0}, zero[32] = {0};
    int made = 0;
    memcpy(iv, salt, 14);
    iv[7] ^= label;
    return count <= (int)sizeof zero && EVP_EncryptInit_ex(master, NULL, NULL, NULL, iv) == 1
        && EVP_EncryptUpdate(master, out, &made, zero, count) == 1 && made == count;
}

static void key_mac(half *h, const uint8_t key[mac_length]) {
    uint8_t inner[64], outer[64];
    memset(inner, 0x36, sizeof inner);
    memset(outer, 0x5c, sizeof outer);
    for (int i = 0; i < mac_length; i++) {
        inner[i] ^= key[i];
        outer[i] ^= key[i];
    }
    SHA1_Init(&h->inner);
    SHA1_Update(&h->inner, inner, sizeof inner);
    SHA1_Init(&h->outer);
    SHA1_Update(&h->outer, outer, sizeof outer);
}

bool csrtp_open_half(half *h, csrtp_suite suite, const uint8_t *key, const uint8_t *salt, uint8_t first_label) {
    bool gcm = suite == csrtp_aead_aes_128_gcm;
    uint8_t session[key_length], mac_key[mac_length], padded[14] = {0};
    /* GCM's salt has 12 bytes; for the derivation two zeros follow (RFC 7714 section 11). */
    memcpy(padded, salt, gcm ? 12 : 14);
    EVP_CIPHER_CTX *master = EVP_CIPHER_CTX_new();
    h->cipher = EVP_CIPHER_CTX_new();
    bool done = master && h->cipher && EVP_EncryptInit_ex(master, EVP_aes_128_ctr(), NULL, key, NULL) == 1
        && derive(master, padded, first_label, session, key_length)
        && derive(master, padded, (uint8_t)(first_label + 1), mac_key, mac_length)
        && derive(master, padded, (uint8_t)(first_label + 2), h->salt, gcm ? 12 : 14)
        && EVP_EncryptInit_ex(h->cipher, gcm ? EVP_aes_128_gcm() : EVP_aes_128_ctr(), NULL, session, NULL) == 1;
    if (done) key_mac(h, mac_key);
    EVP_CIPHER_CTX_free(master);
    OPENSSL_cleanse(session, sizeof session);
    OPENSSL_cleanse(mac_key, sizeof mac_key);
    return done;
}

void csrtp_close_half(half *h) {
    EVP_CIPHER_CTX_free(h->cipher);
    h->cipher = NULL;
}

bool csrtp_count(half *h, uint32_t ssrc, uint64_t index, uint8_t *bytes, int count) {
    uint8_t iv[16] = {0};
    int made = 0;
    memcpy(iv, h->salt, 14);
    for (int i = 0; i < 4; i++) iv[4 + i] ^= (uint8_t)(ssrc >> (24 - 8 * i));
    for (int i = 0; i < 6; i++) iv[8 + i] ^= (uint8_t)(index >> (40 - 8 * i));
    return EVP_EncryptInit_ex(h->cipher, NULL, NULL, NULL, iv) == 1
        && EVP_EncryptUpdate(h->cipher, bytes, &made, bytes, count) == 1 && made == count;
}

void csrtp_mac(const half *h, const uint8_t *bytes, int count, const uint8_t *more, uint8_t mac[mac_length]) {
    SHA_CTX state = h->inner;
    SHA1_Update(&state, bytes, (size_t)count);
    if (more) SHA1_Update(&state, more, 4);
    SHA1_Final(mac, &state);
    state = h->outer;
    SHA1_Update(&state, mac, mac_length);
    SHA1_Final(mac, &state);
}

bool csrtp_seal(half *h, const uint8_t iv[12], const uint8_t *head, int head_count, const uint8_t *more, uint8_t *bytes,
                int count, uint8_t *tag) {
    int made = 0;
    return EVP_EncryptInit_ex(h->cipher, NULL, NULL, NULL, iv) == 1
        && EVP_EncryptUpdate(h->cipher, NULL, &made, head, head_count) == 1
        && (!more || EVP_EncryptUpdate(h->cipher, NULL, &made, more, 4) == 1)
        && EVP_EncryptUpdate(h->cipher, bytes, &made, bytes, count) == 1
        && EVP_EncryptFinal_ex(h->cipher, bytes + made, &made) == 1
        && EVP_CIPHER_CTX_ctrl(h->cipher, EVP_CTRL_GCM_GET_TAG, 16, tag) == 1;
}

bool csrtp_open(half *h, const uint8_t iv[12], const uint8_t *head, int head_count, const uint8_t *more, uint8_t *bytes,
                int count, uint8_t *tag) {
    int made = 0;
    return EVP_DecryptInit_ex(h->cipher, NULL, NULL, NULL, iv) == 1
        && EVP_CIPHER_CTX_ctrl(h->cipher, EVP_CTRL_GCM_SET_TAG, 16, tag) == 1
        && EVP_DecryptUpdate(h->cipher, NULL, &made, head, head_count) == 1
        && (!more || EVP_DecryptUpdate(h->cipher, NULL, &made, more, 4) == 1)
        && EVP_DecryptUpdate(h->cipher, bytes, &made, bytes, count) == 1
        && EVP_DecryptFinal_ex(h->cipher, bytes + made, &made) == 1;
}
