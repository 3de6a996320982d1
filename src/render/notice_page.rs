//! A `Notice` → its page for people, in Arabic like all pages.

use askama::Template;

use super::masthead::{MastheadView, SiteFrame, render_masthead};
use super::{root_path, style_version, xml_text};
use crate::model::Notice;

#[derive(Template)]
#[template(path = "notice.html")]
struct NoticePage<'a> {
    title: &'static str,
    text: &'a str,
    site: String,
    root: String,
    style_version: String,
    masthead: String,
    has_status: bool,
}

/// The whole page as text.
pub fn render_notice_page(notice: Notice, frame: &SiteFrame) -> String {
    if matches!(notice, Notice::Unauthorized | Notice::LoginBusy) {
        return render_page(notice_words(notice), &bare_frame(frame));
    }
    let is_of_search = matches!(notice, Notice::SearchBusy | Notice::SearchFailing);
    let frame = SiteFrame { can_search: frame.can_search && !is_of_search, ..frame.clone() };
    render_page(notice_words(notice), &frame)
}

/// The page that is shown while the store is being opened. `percent`: how much of its recovery is done; `None`:
/// it is not being recovered.
pub fn render_opening_page(percent: Option<u8>, frame: &SiteFrame) -> String {
    let text = match percent {
        None => "يفتح الخادم الآن ما حُفظ من الأخبار. أعد المحاولة بعد نصف دقيقة.".to_owned(),
        Some(percent) => format!(
            "يُعيد الخادم بناء ما حُفظ من الأخبار بعد توقّف غير متوقّع، وأتمّ من ذلك {percent} في المئة. تعود الصفحات متى \
             اكتمل، ثم تصل الأخبار الجديدة كالمعتاد."
        ),
    };
    // Until then no other page is served.
    render_page(("نعود بعد قليل", &text), &bare_frame(frame))
}

/// The frame without anything that the site holds, and without links to other pages of it.
fn bare_frame(frame: &SiteFrame) -> SiteFrame {
    let (categories, outputs) = (Vec::new(), Vec::new());
    SiteFrame { can_search: false, hides_status: true, categories, outputs, ..frame.clone() }
}

fn render_page((title, text): (&'static str, &str), frame: &SiteFrame) -> String {
    let page = NoticePage {
        title,
        text,
        site: xml_text::xml_line(&frame.title),
        root: root_path(&frame.base),
        style_version: style_version(),
        masthead: render_masthead(frame, &MastheadView::default()),
        has_status: !frame.hides_status,
    };
    // Writing into a `String` cannot fail, and the template calls nothing else.
    page.render().unwrap_or_default()
}

/// The headline of a notice, and what it means for the reader.
fn notice_words(notice: Notice) -> (&'static str, &'static str) {
    match notice {
        Notice::NotFound => (
            "الصفحة غير موجودة",
            "لا شيء في هذا العنوان. لعلّ المصدر أو التصنيف أُزيل، أو أن في العنوان خطأ.",
        ),
        Notice::Gone => (
            "حُذفت هذه الصفحة من الأرشيف",
            "كانت هنا أخبار مضى عليها أكثر مما يُحفظ في هذا الموقع، فحُذفت. الأحدث منها ما زال في صفحاته.",
        ),
        Notice::BadRequest => (
            "طلب غير سليم",
            "أرسل المتصفح، أو وسيط بينه وبين هذا الموقع، طلبًا لا يُفهم. أعد تحميل الصفحة.",
        ),
        Notice::Unauthorized => (
            "الدخول باسم وكلمة سر",
            "هذا الموقع لمن عنده اسم مستخدم وكلمة سر. أعد تحميل الصفحة وأدخلهما، أو اطلبهما من القائم على الموقع.",
        ),
        Notice::LoginBusy => (
            "محاولات الدخول كثيرة الآن",
            "تعذّر التحقق من كلمة السر لكثرة المحاولات. أعد المحاولة بعد نصف دقيقة.",
        ),
        Notice::MethodNotAllowed => {
            ("طلب غير مقبول", "صفحات هذا الموقع للقراءة وحدها، ولا يُرسل إليها شيء.")
        }
        Notice::Changed => {
            ("تغيّرت الصفحة", "لم تعد الصفحة كما كانت عند من طلبها. أعد تحميلها لترى الجديد.")
        }
        Notice::HeadTooLarge => (
            "الطلب أطول من اللازم",
            "عنوان الصفحة أو ما أرسله المتصفح معه أطول مما يُقبل هنا. جرّب عنوانًا أقصر.",
        ),
        Notice::NotReady => ("لم تجهز الصفحة بعد", "يُعدّها الخادم الآن. أعد المحاولة بعد نصف دقيقة."),
        Notice::SearchBusy => {
            ("تعذّر البحث", "عمليات البحث كثيرة الآن، فلم يأتِ دور هذه. أعد المحاولة بعد قليل.")
        }
        Notice::SearchFailing => (
            "تعذّر البحث",
            "فهرس البحث لا يُقرأ الآن، ويُعاد بناؤه من الأخبار المحفوظة متى أمكن. لم يضع شيء من الأخبار، وما عدا البحث يعمل.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::sample;

    #[test]
    fn every_notice_is_a_whole_page() {
        let frame = SiteFrame {
            title: "الرافد <1>".to_owned(),
            base: "https://news.example/below/".to_owned(),
            ..sample::frame()
        };
        for notice in Notice::ALL {
            let page = render_notice_page(notice, &frame);
            let title = notice_words(notice).0;
            for expected in [
                "<!DOCTYPE html>\n<html lang=\"ar\" dir=\"rtl\">",
                "<meta name=\"viewport\"",
                &format!("<title>{title} — الرافد &#60;1&#62;</title>"),
                &format!("<h1>{title}</h1>"),
                "<link rel=\"stylesheet\" href=\"/below/style.css?v=",
                "<link rel=\"icon\" href=\"/below/favicon.ico\"",
                "href=\"/below/\"",
                ">https://news.example/below/feed.xml</code>",
            ] {
                assert!(page.contains(expected), "{notice:?}: {expected} in {page}");
            }
            assert!(!page.contains("{%") && !page.contains("{{"), "{notice:?}: {page}");
            let is_of_search = matches!(notice, Notice::SearchBusy | Notice::SearchFailing);
            let is_of_login = matches!(notice, Notice::Unauthorized | Notice::LoginBusy);
            assert_eq!(page.contains("<form"), !is_of_search && !is_of_login, "{notice:?}");
            assert_eq!(page.contains("<nav"), !is_of_login, "{notice:?}: what the site holds");
            assert!(notice.text().ends_with('\n') && (400..600).contains(&notice.status()));
        }
    }

    #[test]
    fn a_state_that_readers_may_not_see_is_not_linked_to() {
        for hides_status in [false, true] {
            let frame = SiteFrame { hides_status, ..sample::frame() };
            let page = render_notice_page(Notice::NotFound, &frame);
            assert_eq!(page.contains("href=\"/status\""), !hides_status, "{page}");
        }
    }

    #[test]
    fn the_page_of_a_recovery_says_how_far_it_is() {
        let frame = sample::frame();
        let page = render_opening_page(Some(42), &frame);
        assert!(page.contains("وأتمّ من ذلك 42 في المئة. تعود الصفحات متى اكتمل"), "{page}");
        assert!(page.contains("<title>نعود بعد قليل — الرافد</title>"), "{page}");
        assert!(page.contains("<link rel=\"stylesheet\" href=\"/style.css?v="), "{page}");
        assert!(
            !page.contains("<form") && !page.contains("<nav") && !page.contains("/status\""),
            "no other page is served: {page}"
        );
        assert!(!render_opening_page(None, &frame).contains("المئة"));
    }
}
