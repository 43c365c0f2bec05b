namespace Gateway.Tests.Coap.Dtls;

/// <summary>Clients that we did not write get sessions, and answers in them.</summary>
internal sealed class OtherClientTests
{
    private SecureServer _server = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => _server = await SecureServer.StartAsync();

    [OneTimeTearDown]
    public async Task StopAsync() => await _server.DisposeAsync();

    [TestCase("openssl")]
    [TestCase("gnutls")]
    public async Task Libcoap_is_known_by_its_key(string library)
    {
        var printed = await OtherClient.LibcoapAsync(library, _server.Uri("/who"), "-m", "put", "-e", "12345", "-u", "sensor-1", "-k", "correct horse");

        Assert.That(printed, Does.Contain("device-1|5"));
    }

    [TestCase("openssl")]
    [TestCase("gnutls")]
    public async Task Libcoap_gets_a_large_answer_in_blocks(string library)
    {
        using var folder = new Support.TempFolder();
        var answer = Path.Combine(folder.Path, "answer");

        var printed = await OtherClient.LibcoapAsync(library, _server.Uri("/large"), "-o", answer, "-u", "sensor-1", "-k", "correct horse");

        Assert.That(new FileInfo(answer).Length, Is.EqualTo(5000), printed);
    }

    [TestCase("openssl")]
    [TestCase("gnutls")]
    public async Task Libcoap_gets_nothing_with_another_key(string library)
    {
        var asked = _server.Asked;

        var printed = await OtherClient.LibcoapAsync(library, _server.Uri("/who"), "-B", "2", "-u", "sensor-1", "-k", "wrong");

        Assert.That(printed, Does.Not.Contain("device-1"));
        Assert.That(_server.Asked, Is.EqualTo(asked));
    }

    [TestCase("PSK-AES128-CCM8")]
    [TestCase("PSK-AES256-CCM8")]
    [TestCase("PSK-AES128-CCM")]
    [TestCase("PSK-AES128-GCM-SHA256")]
    [TestCase("PSK-AES256-GCM-SHA384")]
    public async Task Openssl_shakes_hands_with(string suite)
    {
        var printed = await OtherClient.OpenSslAsync("Q\n", "-connect", _server.EndPoint.ToString(), "-psk_identity", "sensor-1",
            "-psk", Convert.ToHexString("correct horse"u8), "-cipher", suite);

        Assert.That(printed, Does.Contain($"Cipher is {suite}"));
        Assert.That(printed, Does.Contain("Extended master secret: yes"));
    }
}
