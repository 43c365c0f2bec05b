namespace Gateway.Tests.Support;

/// <summary>libcoap's client, when this machine has it. Debian names it by the library that it does DTLS with.</summary>
internal static class CoapClientProgram
{
    private static readonly string[] Names = ["coap-client", "coap-client-notls", "coap-client-openssl", "coap-client-gnutls"];

    /// <summary>The program's path. Without it the test is skipped at home, and fails in CI.</summary>
    public static string PathOrIgnore()
    {
        var found = (from folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
                     from name in Names
                     let file = Path.Combine(folder, name)
                     where File.Exists(file)
                     select file).FirstOrDefault();
        if (found is null)
        {
            const string Reason = "libcoap's coap-client is not installed (Debian: apt-get install libcoap3-bin)";
            if (Environment.GetEnvironmentVariable("CI") == "true")
            {
                Assert.Fail(Reason);
            }

            Assert.Ignore(Reason);
        }

        return found!;
    }
}
