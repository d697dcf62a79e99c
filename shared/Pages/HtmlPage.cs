using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.Logging.Abstractions;

namespace Modeldrop.Pages;

/// <summary>Renders pages: Razor components as text. All values are encoded, so that no name can become a tag.</summary>
public static class HtmlPage
{
    private static readonly NoServices Services = new();

    /// <summary>Renders the whole page as HTML.</summary>
    /// <remarks>Components of pages do not wait for anything, so the text is complete when this method returns.</remarks>
    /// <param name="reader">The reader; null: a document for everybody.</param>
    public static string Render<TPage, TModel>(TModel model, PageReader? reader = null) where TPage : PageOf<TModel>
    {
        using var renderer = new HtmlRenderer(Services, NullLoggerFactory.Instance);
        RenderFragment page = builder =>
        {
            builder.OpenComponent<TPage>(0);
            builder.AddComponentParameter(1, nameof(PageOf<>.Model), model);
            builder.CloseComponent();
        };
        ParameterView parameters = ParameterView.FromDictionary(new Dictionary<string, object?>
        {
            [nameof(CascadingValue<>.Value)] = reader,
            [nameof(CascadingValue<>.ChildContent)] = page,
        });
        Task<string> text = renderer.Dispatcher.InvokeAsync(
            async () => (await renderer.RenderComponentAsync<CascadingValue<PageReader>>(parameters)).ToHtmlString());
        return text.IsCompleted ? text.GetAwaiter().GetResult() : throw new InvalidOperationException("A component of the page waits.");
    }

    /// <summary>Components get their data as parameters, so they need no services.</summary>
    private sealed class NoServices : IServiceProvider
    {
        public object? GetService(Type serviceType) => null;
    }
}
