using System.CommandLine;
using System.Globalization;
using Gateway.Cli;
using Gateway.Tests.Support;
using Gateway.Tests.Uplink.Replay;

namespace Gateway.Tests.Cli;

/// <summary><c>gateway replay</c>, against a gateway that runs.</summary>
internal sealed class ReplayCommandTests
{
    [Test]
    public async Task It_shows_what_became_of_the_frames()
    {
        await using var house = await ReplayHouse.StartAsync(ReplayHouse.Broken);
        await house.SendAsync("cellar", 7);
        await house.SendAsync("attic");
        await house.ChangeScriptAsync(ReplayHouse.Mended);

        var (dry, tried, _) = await RunAsync(house, "--dry-run");
        var (code, output, error) = await RunAsync(house, "--device", "cellar", "--since", "1h", "--profile", "json");
        var (again, repeated, _) = await RunAsync(house, "--device", "cellar");

        Assert.That((dry, code, again), Is.EqualTo((1, 0, 0)), error);
        Assert.That(tried, Does.Contain("a dry run: nothing was kept").And.Contain("  read       1 frames, 1 readings\n").And.Contain("  failed     1\n"));
        Assert.That(tried, Does.Contain("not read: record 2 of attic, script_failed: ").And.Contain("different: record 1 of cellar, parsed: nothing becomes {"));
        Assert.That(output, Does.Contain(": completed\n").And.Contain("  read       1 frames, 1 readings\n").And.Contain("  failed     0\n"));
        Assert.That(repeated, Does.Contain("  skipped    1\n"));
    }

    [Test]
    public async Task What_the_gateway_refuses_is_told()
    {
        await using var house = await ReplayHouse.StartAsync(ReplayHouse.Mended);

        var (code, _, error) = await RunAsync(house, "--profile", "nobody");

        Assert.That(code, Is.EqualTo(1));
        Assert.That(error, Does.Contain("the gateway refuses:").And.Contain("gateway.json has no profile \"nobody\""));
    }

    [Test]
    public async Task Without_a_gateway_it_says_where_it_looked()
    {
        var port = FreePort.Tcp();

        var (code, _, error) = await RunAsync("--config", Repository.PathOf("gateway.json"), "--set", string.Create(CultureInfo.InvariantCulture, $"api.port={port}"));

        Assert.That(code, Is.EqualTo(3));
        Assert.That(error, Does.Contain($"no gateway answers at http://127.0.0.1:{port}/").And.Contain("gateway run"));
    }

    [TestCase("--since", "soon", "--since: an instant")]
    [TestCase("--set", "api.port=0", "api.port is 0")]
    public async Task What_makes_no_sense_is_refused(string option, string value, string expected)
    {
        var (code, _, error) = await RunAsync("--config", Repository.PathOf("gateway.json"), option, value);

        Assert.That(code, Is.EqualTo(2));
        Assert.That(error, Does.Contain(expected));
    }

    private static Task<(int Code, string Output, string Error)> RunAsync(ReplayHouse house, params string[] arguments) =>
        RunAsync([.. arguments, "--config", house.Folder.PathOf("gateway.json"), "--set", string.Create(CultureInfo.InvariantCulture, $"api.port={house.Gateway.Http.BaseAddress!.Port}")]);

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        await using var output = new StringWriter { NewLine = "\n" };
        await using var error = new StringWriter { NewLine = "\n" };
        var code = await CommandLine.RunAsync(["replay", .. arguments], new InvocationConfiguration { Output = output, Error = error });
        return (code, output.ToString(), error.ToString());
    }
}
