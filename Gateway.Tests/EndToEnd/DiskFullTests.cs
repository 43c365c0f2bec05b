using System.Net;
using Gateway.Cli;
using Gateway.Coap;
using Gateway.Tests.Support;

namespace Gateway.Tests.EndToEnd;

/// <summary>The whole program where no file may grow any more: RLIMIT_FSIZE, which needs no root. What a device is told must be true.</summary>
[Platform("Linux")]
internal sealed class DiskFullTests
{
    // Within the first page of any database: nothing can be committed.
    private const long Little = 4096;

    [Test]
    public async Task Devices_are_told_to_come_back_health_is_red_and_it_goes_on_by_itself()
    {
        using var folder = new TempFolder();
        using var http = new HttpClient();
        var taken = 0;
        using (var gateway = await GatewayProcess.StartAsync(folder))
        {
            // On a busy machine the script may take longer than a frame waits for it.
            await Eventually.HoldsAsync(async () => (await gateway.SendAsync(Frames.Efento)).Code.Class == 2, "the script reads a frame");
            taken++;

            gateway.LimitFiles(Little);
            for (var i = 0; i < 3; i++)
            {
                var answer = await gateway.SendAsync(Frames.Efento);
                Assert.That(answer.Code, Is.EqualTo(CoapCode.ServiceUnavailable));
                Assert.That(answer.Options.Select(option => option.Number), Does.Contain(OptionNumber.MaxAge));
            }

            using var red = await http.GetAsync(new Uri($"{gateway.ApiAddress}/health"));
            Assert.That(red.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
            Assert.That(await red.Content.ReadAsStringAsync(), Does.Contain("\"journal\":{\"status\":\"unhealthy\",\"description\":\""));

            gateway.LimitFiles(null);
            await Eventually.HoldsAsync(
                async () =>
                {
                    using var health = await http.GetAsync(new Uri($"{gateway.ApiAddress}/health"));
                    return health.IsSuccessStatusCode;
                },
                "health is well again, with no hand");
            Assert.That((await gateway.SendAsync(Frames.Efento)).Code.Class, Is.EqualTo(2));
            taken++;
            gateway.Kill();
        }

        using var output = new StringWriter();
        var code = await CommandLine.RunAsync(
            ["journal", "export", folder.PathOf("data/journal.db")], new System.CommandLine.InvocationConfiguration { Output = output, Error = TextWriter.Null });
        var lines = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(code, Is.Zero);
        Assert.That(lines, Has.Length.GreaterThanOrEqualTo(taken), "a disk that refuses may have kept it all the same");
        Assert.That(lines, Has.Length.LessThanOrEqualTo(taken + 3));
    }
}
