using Gateway.Tests.EndToEnd;
using Gateway.Tests.Support;

namespace Gateway.Tests.Api;

/// <summary>docs/tutorial.md and docs/api.md, which people paste from, run as they are printed.</summary>
internal sealed class GuideTests
{
    [Test]
    public async Task The_tutorial_does_what_it_says()
    {
        Walkthrough.NeedsTools();
        using var folder = new TempFolder();
        var walk = new Walkthrough("tutorial.md", folder);
        GatewayProcess? gateway = null;
        try
        {
            foreach (var step in walk.Steps)
            {
                if (step.Is("stays"))
                {
                    gateway = await GatewayProcess.OfAsync(walk.Start(step));
                    walk.Use(gateway.CoapPort, new Uri(gateway.ApiAddress).Port);
                }
                else
                {
                    await walk.RunAsync(step);
                }
            }
        }
        finally
        {
            gateway?.Dispose();
        }

        Assert.That(walk.Steps, Has.Count.GreaterThan(20), "the document was read");
    }

    [Test]
    public async Task The_guide_to_the_API_does_what_it_says()
    {
        Walkthrough.NeedsTools();
        using var folder = new TempFolder();
        await using var gateway = await GatewayUnderTest.StartAsync(folder);
        var walk = new Walkthrough("api.md", folder);
        walk.Use(gateway.CoapPort, gateway.Http.BaseAddress!.Port);

        foreach (var step in walk.Steps)
        {
            await walk.RunAsync(step);
        }

        Assert.That(walk.Steps, Has.Count.GreaterThan(6), "the document was read");
    }
}
